/** Trivy's ignore files (https://trivy.dev/docs/latest/configuration/filtering/). */
export { readTrivyIgnore } from "./lines.ts";
export { readTrivyIgnoreYaml, trivySections } from "./yaml.ts";
