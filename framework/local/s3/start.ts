import { AwsError } from "../aws-json.ts";
import type { LocalResponse, LocalService } from "../http.ts";
import { xmlError } from "../xml.ts";
import { createBucket, deleteBucket, listBuckets, locateBucket, requireBucket } from "./buckets.ts";
import { LIST_QUERY, listObjects } from "./list-objects.ts";
import { abortUpload, completeUpload, createUpload, uploadPart } from "./multipart.ts";
import { type ObjectStore, openObjectStore } from "./object-store.ts";
import { copyObject, deleteObject, deleteObjects, getObject, type ObjectRequest, putObject } from "./objects.ts";
import { type Paths, pathsBelow } from "./paths.ts";
import { notImplemented, parseS3Request, type S3Request } from "./request.ts";

type Answer = LocalResponse | Promise<LocalResponse>;
type BucketRequest = S3Request & { bucket: string };

interface Operation<Request> {
	/** Members of the query that it understands, beside those of signing. */
	query?: readonly string[];
	run(request: Request, store: ObjectStore, paths: Paths): Answer;
}

/** Members of the query that tell operations of one method and path apart. */
const SUBRESOURCES = ["list-type", "location", "delete", "uploads", "uploadId"];

const SERVICE_OPERATIONS: Readonly<Record<string, Operation<S3Request>>> = {
	GET: { run: (_request, _store, paths) => listBuckets(paths) },
};

const BUCKET_OPERATIONS: Readonly<Record<string, Operation<BucketRequest>>> = {
	PUT: { run: ({ bucket }, _store, paths) => createBucket(paths, bucket) },
	HEAD: { run: ({ bucket }, _store, paths) => requireBucket(paths, bucket) },
	DELETE: { run: ({ bucket }, _store, paths) => deleteBucket(paths, bucket) },
	"GET list-type": { query: LIST_QUERY, run: ({ bucket, query }, store) => listObjects(store, bucket, query) },
	"GET location": { query: ["location"], run: () => locateBucket() },
	"POST delete": { query: ["delete"], run: (request, store) => deleteObjects(store, request) },
};

const READ_QUERY = [
	"response-content-type",
	"response-content-language",
	"response-expires",
	"response-cache-control",
	"response-content-disposition",
	"response-content-encoding",
];

const OBJECT_OPERATIONS: Readonly<Record<string, Operation<ObjectRequest>>> = {
	PUT: {
		run: (request, store) =>
			"x-amz-copy-source" in request.headers ? copyObject(store, request) : putObject(store, request),
	},
	GET: { query: READ_QUERY, run: (request, store) => getObject(store, request) },
	HEAD: { query: READ_QUERY, run: (request, store) => getObject(store, request) },
	DELETE: { run: (request, store) => deleteObject(store, request) },
	"POST uploads": { query: ["uploads"], run: (request, _store, paths) => createUpload(paths, request) },
	"PUT uploadId": {
		query: ["uploadId", "partNumber"],
		run: (request, _store, paths) => uploadPart(paths, request),
	},
	"POST uploadId": { query: ["uploadId"], run: (request, store, paths) => completeUpload(paths, store, request) },
	"DELETE uploadId": { query: ["uploadId"], run: (request, _store, paths) => abortUpload(paths, request) },
};

/** S3 in this process, path-style: buckets are folders below `dir`, objects plain files in them. */
export function startS3({ dir }: { dir: string }): LocalService {
	const paths = pathsBelow(dir);
	const store = openObjectStore(paths);
	return async (received) => {
		try {
			return await serve(parseS3Request(received), store, paths);
		} catch (error) {
			if (error instanceof AwsError) return xmlError(error);
			throw error;
		}
	};
}

function serve(request: S3Request, store: ObjectStore, paths: Paths): Answer {
	const { method, bucket, key } = request;
	if (bucket === null) return pick(SERVICE_OPERATIONS, request).run(request, store, paths);
	if (method !== "PUT" || key !== null) requireBucket(paths, bucket);
	if (key === null) return pick(BUCKET_OPERATIONS, request).run({ ...request, bucket }, store, paths);
	return pick(OBJECT_OPERATIONS, request).run({ ...request, bucket, key }, store, paths);
}

/** What is not understood is refused: a PUT of an object's tags must not become a PUT of the object. */
function pick<Request>(
	operations: Readonly<Record<string, Operation<Request>>>,
	{ method, query }: S3Request,
): Operation<Request> {
	const subresource = SUBRESOURCES.find((name) => query.has(name));
	const name = subresource === undefined ? method : `${method} ${subresource}`;
	const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
	const understood = [...(operation?.query ?? []), "x-id"];
	const unknown = [...query.keys()].find((member) => !understood.includes(member) && !/^x-amz-/i.test(member));
	if (!operation || unknown !== undefined)
		throw notImplemented(unknown === undefined ? name : `${method} with ?${unknown}`);
	return operation;
}
