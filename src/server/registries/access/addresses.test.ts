import { describe, expect, test } from "vitest";
import { allowedAddresses, nothingAllowed, refusedAddress, refusedHost } from "./addresses.ts";
import { checkRegistryUrl, isSameServer, readRegistryUrl } from "./url.ts";

describe("addresses that are not gone to", () => {
	test.each([
		["169.254.169.254", /metadata/],
		["100.100.100.200", /metadata/],
		["168.63.129.16", /metadata/],
		["fd00:ec2::254", /metadata/],
		["fd00:0ec2:0:0:0:0:0:254", /metadata/],
		["127.0.0.1", /loopback/],
		["127.255.255.254", /loopback/],
		["::1", /loopback/],
		["0.0.0.0", /no address in particular/],
		["0.1.2.3", /no address in particular/],
		["::", /no address in particular/],
		["169.254.1.1", /link/],
		["fe80::1", /link/],
		["fe80::1%eth0", /link/],
		["224.0.0.1", /multicast/],
		["255.255.255.255", /multicast/],
		["ff02::1", /multicast/],
		// IPv4 in IPv6: mapped, compatible, translated, NAT64, local NAT64, 6to4, Teredo, ISATAP.
		["::ffff:127.0.0.1", /loopback/],
		["::ffff:7f00:1", /loopback/],
		["::127.0.0.1", /loopback/],
		["::ffff:0:169.254.169.254", /metadata/],
		["64:ff9b::169.254.169.254", /metadata/],
		["64:ff9b::7f00:1", /loopback/],
		["64:ff9b:1::a9fe:a9fe", /metadata/],
		["64:ff9b:1:a9fe:a9:fe00::", /metadata/],
		["2002:7f00:1::", /loopback/],
		["2001:0:1::8000:0:80ff:fffe", /loopback/],
		["fd00::5efe:169.254.169.254", /metadata/],
		["not an address", /no IP/],
	])("%s", (address, words) => {
		expect(refusedAddress(address, nothingAllowed)).toMatch(words);
	});

	test.each([
		"10.0.0.1",
		"172.16.0.1",
		"192.168.1.1",
		"100.64.0.1",
		"8.8.8.8",
		"fd00::1",
		"2606:4700::1111",
		"::ffff:10.0.0.1",
		"64:ff9b::808:808",
	])("%s is gone to", (address) => {
		expect(refusedAddress(address, nothingAllowed)).toBeNull();
	});

	test("an administrator allows ranges and single addresses, in every form of theirs, and no others", () => {
		const allowed = allowedAddresses("127.0.0.0/8, fe80::/10 169.254.169.254");
		for (const address of ["127.0.0.1", "::ffff:127.0.0.1", "fe80::2", "169.254.169.254"])
			expect(refusedAddress(address, allowed)).toBeNull();
		for (const address of ["::1", "169.254.169.253", "0.0.0.0"])
			expect(refusedAddress(address, allowed)).not.toBeNull();
		expect(refusedAddress("127.0.0.1", allowedAddresses(""))).not.toBeNull();
	});

	test.each(["10.0.0.0/33", "::/129", "10.0.0", "host", "10.0.0.0/", "10.0.0.0/-1"])(
		"the range %s is refused",
		(text) => {
			expect(() => allowedAddresses(text)).toThrow(RangeError);
		},
	);

	test.each([
		["localhost", /loopback/],
		["a.localhost.", /loopback/],
		["metadata.google.internal", /metadata/],
		["METADATA.google.internal.", /metadata/],
		["[::1]", /loopback/],
	])("the host %s", (host, words) => {
		expect(refusedHost(host, nothingAllowed)).toMatch(words);
	});

	test("a name is not looked up here", () => {
		expect(refusedHost("registry.example", nothingAllowed)).toBeNull();
		expect(refusedHost("localhost", allowedAddresses("127.0.0.1"))).toBeNull();
	});
});

describe("a registry's URL", () => {
	test.each([
		["https://Registry.Example", "https://registry.example"],
		["registry.example:5000", "https://registry.example:5000"],
		["https://registry.example:443/", "https://registry.example"],
		["https://registry.example/artifactory/", "https://registry.example/artifactory"],
		["https://10.1.2.3:5000", "https://10.1.2.3:5000"],
		["https://[fd00::1]:5000", "https://[fd00::1]:5000"],
		["https://xn--bcher-kva.example", "https://xn--bcher-kva.example"],
	])("%s is kept as %s", (text, href) => {
		expect(readRegistryUrl(text).href).toBe(href);
	});

	test.each([
		["ftp://registry.example", /ftp/],
		["file:///etc/passwd", /file/],
		["layout:/etc", /colon/],
		["https://user:pass@registry.example", /user name/],
		["https://user@registry.example", /user name/],
		["https://registry.example/?a=b", /query/],
		["https://registry.example/#a", /query or fragment/],
		["https://registry.example?", /query/],
		["https://0x7f.1", /odd/],
		["https://2130706433", /odd/],
		["https://0177.0.0.1", /odd/],
		["https://127.1", /odd/],
		["https://registry.example.", /dot/],
		["https://bücher.example", /ASCII/],
		["https://regıstry.example", /ASCII/],
		["https://%72egistry.example", /ASCII/],
		["https://registry.example\\@evil.example", /backslash/],
		["https://registry.example /x", /blank/],
		["https://registry.example\u200b", /invisible/],
		["https://registry.example:0", /port 0/],
		["https://registry.example:99999", /malformed/],
		["https://registry.example/a/../b", /plain/],
		["https://registry.example//a", /plain/],
		["https://registry.example/v2/", /ends with/],
		["https://", /malformed/],
		["", /malformed/],
	])("%s is refused", (text, words) => {
		expect(() => readRegistryUrl(text)).toThrow(
			expect.objectContaining({ code: "unprocessable", message: expect.stringMatching(words) }),
		);
	});

	test.each([
		"https://127.0.0.1:5000",
		"https://localhost",
		"https://[::1]",
		"https://[::ffff:127.0.0.1]",
		"https://[::ffff:7f00:1]",
		"https://169.254.169.254",
		"https://metadata.google.internal",
		"https://0.0.0.0",
		"http://[fe80::1]",
	])("%s is an address that is not gone to", (text) => {
		expect(() => checkRegistryUrl(text, true, nothingAllowed)).toThrow(
			expect.objectContaining({ code: "address_refused", hint: expect.stringContaining("PLIMSOLL_ALLOW_ADDRESSES") }),
		);
	});

	test("plain HTTP takes the administrator's leave", () => {
		expect(() => checkRegistryUrl("http://registry.example", false, nothingAllowed)).toThrow(/not encrypted/);
		expect(checkRegistryUrl("http://registry.example", true, nothingAllowed).scheme).toBe("http");
	});

	test("the same server is the same scheme, host and port", () => {
		const url = "https://registry.example/a";
		expect(isSameServer(url, "https://registry.example:443/b")).toBe(true);
		for (const other of [
			"http://registry.example/a",
			"https://registry.example:8443",
			"https://registry.example.evil",
			"x",
		])
			expect(isSameServer(url, other)).toBe(false);
	});
});
