/**
 * Milliseconds of work since it was made: of wall time or of the process's processor time, whichever is less, so that
 * a target gets its full time on a machine that has other things to do.
 */
export function stopwatch(): () => number {
	const wall = performance.now();
	const processor = process.cpuUsage();
	return () => {
		const { user, system } = process.cpuUsage(processor);
		return Math.min(performance.now() - wall, (user + system) / 1000);
	};
}
