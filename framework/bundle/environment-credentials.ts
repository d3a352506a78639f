import type { Plugin } from "esbuild";

const CHAIN = "@aws-sdk/credential-provider-node";
const ENVIRONMENT = "@aws-sdk/credential-provider-env";

/**
 * Gives the SDK's clients the credentials of the environment alone, where Lambda puts those of the function's role (Lambda developer guide,
 * "Defined runtime environment variables"). The chain that they come with goes on to profiles, SSO, sign-in, processes and instance
 * metadata: a fifth of a bundle, none of which a function can have.
 */
export const environmentCredentials: Plugin = {
	name: "environment-credentials",
	setup(build) {
		build.onResolve({ filter: new RegExp(`^${CHAIN}$`) }, ({ resolveDir }) => ({
			path: CHAIN,
			namespace: "environment-credentials",
			pluginData: resolveDir,
		}));
		build.onLoad({ filter: /./, namespace: "environment-credentials" }, ({ pluginData }) => ({
			contents: `export { fromEnv as defaultProvider } from "${ENVIRONMENT}";`,
			resolveDir: pluginData,
		}));
	},
};
