// The page as the real office serves it, with a real door behind it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, open } from "./browser.mjs";

const URL = process.env.LOQUET_URL;
const MOST_BYTES = 150 * 1024;

let browser;

before(async () => {
	browser = await launch();
});

after(() => browser.close());

// Bytes that came over the wire, heads and all, until the page was quiet.
async function weigh(page, load) {
	const session = await page.context().newCDPSession(page);
	let bytes = 0;
	session.on("Network.loadingFinished", ({ encodedDataLength }) => {
		bytes += encodedDataLength;
	});
	await session.send("Network.enable");
	await load();
	await page.waitForLoadState("networkidle");
	return bytes;
}

test("the first page comes from the office alone, and is light", async () => {
	const { page, faults, close } = await open(browser, URL, { language: "fr" });
	const bytes = await weigh(page, async () => {
		await page.goto(URL);
		await page.waitForSelector("[name=capacityLegal]");
	});
	assert.ok(bytes > 10000 && bytes <= MOST_BYTES, `${bytes} bytes`);
	assert.equal(await page.locator("h1").textContent(), "Bienvenue dans Loquet");
	assert.deepEqual(await axe(page), []);
	assert.deepEqual(faults, []);
	await close();
});
