export const hooks = { "aws:dynamodb/table:Table": { tags: {} } };
