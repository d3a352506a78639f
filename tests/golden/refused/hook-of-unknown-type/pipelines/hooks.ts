export const hooks = { "aws:dynamodb/table:Tabel": () => undefined };
