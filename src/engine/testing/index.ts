export {
	type BuiltImage,
	buildImage,
	buildIndex,
	dockerSaveFiles,
	type ImageInput,
	layoutFiles,
	sha256Of,
	tarOf,
	writeFiles,
} from "./archives/image-builder.ts";
export {
	buildTar,
	file,
	folder,
	hardLink,
	pax,
	symlink,
	type TarInput,
	tarEntries,
	tarHeader,
} from "./archives/tar-builder.ts";
export { type FakeRegistry, startFakeRegistry } from "./registry/index.ts";
