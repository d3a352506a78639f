/** How a program reaches the embedded services: any region, and credentials that nobody checks. */
export const LOCAL_CLIENT = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
