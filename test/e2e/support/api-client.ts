/** A client of the HTTP API, as a browser would be: a session cookie and the CSRF token. */
export interface ApiClient {
	readonly url: string;
	/** Headers that sign a request in. */
	readonly headers: Readonly<Record<string, string>>;
	/** The body, parsed; throws with the problem document when the status is not 2xx. `path` after `/api/v1`. */
	get<T>(path: string): Promise<T>;
	post<T>(path: string, body?: unknown): Promise<T>;
	patch<T>(path: string, body: unknown): Promise<T>;
	delete(path: string): Promise<void>;
	/** The bare answer. */
	raw(method: string, path: string, body?: unknown): Promise<Response>;
}

class ApiProblem extends Error {
	readonly status: number;
	readonly problem: unknown;
	constructor(what: string, status: number, problem: unknown) {
		super(`${what}: ${status} ${JSON.stringify(problem)}`);
		this.status = status;
		this.problem = problem;
	}
}

/** Signs in; when the password must be changed, changes it to `next`. */
export async function apiClient(url: string, username: string, password: string, next?: string): Promise<ApiClient> {
	const first = await signIn(url, username, password);
	const me = await first.get<{ mustChangePassword: boolean }>("/me");
	if (!me.mustChangePassword || next === undefined) return first;
	await first.post("/me/password", { current: password, next });
	return signIn(url, username, next);
}

async function signIn(url: string, username: string, password: string): Promise<ApiClient> {
	const response = await fetch(`${url}/api/v1/sessions`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ username, password }),
	});
	const body = (await response.json()) as { csrfToken: string };
	if (!response.ok) throw new ApiProblem("sign in", response.status, body);
	const cookie = response.headers
		.getSetCookie()
		.map((text) => text.split(";")[0])
		.join("; ");
	return clientOf(url, { cookie, "x-csrf-token": body.csrfToken });
}

export function clientOf(url: string, headers: Readonly<Record<string, string>>): ApiClient {
	const raw = (method: string, path: string, body?: unknown): Promise<Response> =>
		fetch(`${url}/api/v1${path}`, {
			method,
			headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
	const parsed = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
		const response = await raw(method, path, body);
		const text = await response.text();
		const value = text === "" ? null : (JSON.parse(text) as unknown);
		if (!response.ok) throw new ApiProblem(`${method} ${path}`, response.status, value);
		return value as T;
	};
	return {
		url,
		headers,
		get: (path) => parsed("GET", path),
		post: (path, body) => parsed("POST", path, body),
		patch: (path, body) => parsed("PATCH", path, body),
		delete: async (path) => void (await parsed("DELETE", path)),
		raw,
	};
}
