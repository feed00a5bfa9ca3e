/** How a program's file tells its version. */
export interface Program {
	/** A name of `runtimeProducts` in the model. */
	readonly product: string;
	/** Name of the file, without its folder. */
	readonly file: RegExp;
	/**
	 * What the file's bytes, as Latin-1 text, hold: the version, then at least one character that can be none of it, so that
	 * a version is never cut where a chunk ends. At most `patternSpan` characters long, and without nested quantifiers.
	 */
	readonly pattern: RegExp | ((fileName: string) => RegExp);
	/** Every build of it has the text: without one the program is listed with an unknown version. */
	readonly always?: boolean;
}

/** The longest text that a pattern may match. */
export const patternSpan = 256;

/** As found in the builds of each project's own image or packages; the tests say which were tried. */
export const programs: readonly Program[] = [
	{ product: "bash", file: /^bash$/, pattern: /@\(#\)Bash version (\d{1,2}\.\d{1,2}\.\d{1,3})[^\d.]/ },
	{ product: "busybox", file: /^busybox$/, pattern: /BusyBox v(\d\.\d{1,3}\.\d{1,3})[^\d.]/ },
	{
		product: "curl",
		// `libcurl-0123abcd.so.4` is a copy inside a Python wheel.
		file: /^(?:curl|libcurl(?:-gnutls|-[0-9a-f]{8})?\.so(?:\.\d+){1,3})$/,
		pattern: /(?:\0curl |libcurl\/)(\d\.\d{1,3}\.\d{1,3})[^\d.]/,
	},
	{
		product: "haproxy",
		file: /^haproxy$/,
		pattern: / version (\d\.\d{1,3}(?:\.\d{1,3}|-dev\d{1,3}))[^,\0]{0,60}, released \d/,
		always: true,
	},
	{ product: "httpd", file: /^(?:httpd|apache2)$/, pattern: /Apache\/(2\.\d\.\d{1,3})[^\d.]/ },
	{
		product: "mariadb",
		file: /^(?:mariadbd|mysqld)$/,
		pattern: /[^\d.](\d{1,2}\.\d{1,2}\.\d{1,3})-MariaDB\W/,
	},
	{
		product: "mysql",
		file: /^mysqld$/,
		// The folder that it was built in, in the texts of its assertions.
		pattern: /\/mysql-(\d{1,2}\.\d{1,2}\.\d{1,3})(?:-[a-z]\w{0,8})?\//,
		always: true,
	},
	{ product: "memcached", file: /^memcached$/, pattern: /memcached (\d\.\d{1,3}\.\d{1,3})[^\d.]/, always: true },
	{
		product: "nginx",
		file: /^nginx(?:-debug)?$/,
		// OpenResty's version is that of its nginx and one more number.
		pattern: /nginx version: (?:nginx|openresty)\/(\d{1,2}\.\d{1,3}\.\d{1,3})(?:\.\d{1,3})?[^\d.]/,
		always: true,
	},
	{
		product: "node",
		file: /^(?:node|nodejs|libnode\.so\.\d{1,4})$/,
		pattern: /node\.js\/v(\d{1,3}\.\d{1,3}\.\d{1,3})[^\d]/,
	},
	{
		product: "openssl",
		file: /^(?:openssl|lib(?:crypto|ssl)(?:-[0-9a-f]{8})?\.so(?:\.\d+){1,3}[a-z]?)$/,
		pattern:
			/OpenSSL (\d\.\d{1,2}\.\d{1,2}[a-z]{0,2}(?:-(?:alpha|beta|pre)\d{1,2})?)(?:-fips)?(?:\+quic)? {1,2}\d{1,2} [A-Z][a-z]{2} 20\d\d/,
	},
	{
		product: "perl",
		file: /^(?:perl(?:5(?:\.\d+){1,2})?|libperl\.so(?:\.5(?:\.\d+){1,2})?)$/,
		pattern: /[^\w.]v(5\.\d{1,2}\.\d{1,2})\0/,
	},
	{
		product: "php",
		file: /^(?:php(?:-cgi|-fpm)?\d{0,2}(?:\.\d{1,2})?|php\d(?:\.\d{1,2})?-(?:cgi|fpm)|libphp\d{0,2}(?:\.\d{1,2})?\.so)$/,
		pattern: /X-Powered-By: PHP\/(\d\.\d{1,2}\.\d{1,3}(?:(?:alpha|beta|RC)\d{1,2})?)\W/,
	},
	{
		product: "postgresql",
		file: /^postgres$/,
		pattern: /postgres \(PostgreSQL\) (\d{1,2}(?:\.\d{1,2}){0,2}(?:(?:beta|rc)\d{1,2})?)[\s\0]/,
		always: true,
	},
	{
		product: "python",
		file: /^(?:python[23]\.\d{1,2}|libpython[23]\.\d{1,2}[dmu]{0,3}\.so\.1\.0)$/,
		pattern: (fileName) => {
			// The text stands alone, or is the end of a path (linkers merge those); the file's name tells it from the many
			// other versions in there.
			const [, release = "0.0"] = /([23]\.\d{1,2})/.exec(fileName) ?? [];
			return new RegExp(`[^\\d.](${release.replace(".", "\\.")}\\.\\d{1,3}(?:(?:a|b|rc)\\d{1,2})?)\\+?\\0`);
		},
	},
	{
		product: "ruby",
		file: /^(?:ruby\d?(?:\.\d)?|libruby(?:-\d\.\d)?\.so(?:\.\d+){1,3})$/,
		pattern: /ruby (\d\.\d{1,2}\.\d{1,2})(?:p\d{1,4}|dev|(?:preview|rc)\d)? \(20\d\d-/,
	},
	{
		product: "rust",
		file: /^(?:rustc|librustc_driver-[0-9a-f]{16}\.so)$/,
		pattern: /(\d\.\d{1,3}\.\d{1,2}(?:-(?:nightly|beta(?:\.\d{1,2})?))?) \([0-9a-f]{9} 20\d\d-\d\d-\d\d\)/,
	},
];
