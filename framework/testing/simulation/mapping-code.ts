/** The event source mapping that the model is made of, for mutants of it. */
export { startMapping } from "../../local/mapping/start-mapping.ts";
