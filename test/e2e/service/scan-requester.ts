/** Asks for scans of a whole registry, over and over, until it is killed: `node scan-requester.ts DATABASE REGISTRY`. */
import { openDatabase, openJobQueue, openScanSignals, scanStore } from "#store";

const [url = "", registry = ""] = process.argv.slice(2);
const { db, pool } = await openDatabase(url);
const queue = await openJobQueue({ db, pool, connectionString: url });
const scans = scanStore({ db, queue, signals: openScanSignals(url) });
process.stdout.write("ready\n");
await scans.request({ target: { registry }, reason: "schedule" });
process.stdout.write("accepted\n");
