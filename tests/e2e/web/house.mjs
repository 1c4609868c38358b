// The page as the real office serves it, with a real door behind it.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { createInterface } from "node:readline";
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

// One line to whoever stands at the door; waits for it to be done.
function hands() {
	const socket = connect(process.env.LOQUET_HANDS);
	const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
	return {
		async do(order) {
			socket.write(order + "\n");
			assert.equal((await answers.next()).value, "ok", order);
		},
		close: () => socket.destroy(),
	};
}

test("from the five questions to a name on the open page", async (t) => {
	const door = hands();
	t.after(door.close);
	const { page, faults, close } = await open(browser, URL, { language: "en" });
	const shows = (text) => page.waitForFunction((wanted) => document.querySelector("main").textContent.includes(wanted), text);
	await page.goto(URL);
	await page.fill("[name=title]", "Atelier Example");
	await page.fill("[name=capacityLegal]", "40");
	await page.fill("[name=capacitySoft]", "35");
	await page.fill("[name=name]", "desk");
	await page.fill("[name=password]", "a short sentence is best");
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Now");

	await page.locator("#navigation [href='#/members']").click();
	await page.locator("main .head .primary").click();
	await page.fill("dialog [name=name]", "Ada Example");
	await page.locator("dialog [type=submit]").click();
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Ada Example");
	await page.locator("section .head button >> nth=0").click();
	const waits = page.waitForResponse(async (answer) => answer.url().includes("/commands/") && (await answer.json()).state === "taken");
	await page.locator("dialog [type=submit]").click();
	await waits;
	await door.do("present");
	await page.waitForSelector("dialog", { state: "detached" });
	await shows("active");
	await door.do("remove");

	await page.locator("#navigation [href='#/now']").click();
	await page.waitForFunction(() => document.querySelector("h1").textContent === "Now");
	await page.evaluate(() => {
		window.stayed = true;
	});
	await door.do("enter");
	await page.waitForFunction(() => [...document.querySelectorAll("tbody th")].some((cell) => cell.textContent.startsWith("Ada Example")));
	assert.ok(await page.evaluate(() => window.stayed));

	const front = (text) => page.waitForFunction((wanted) => {
		const door = document.querySelector("[data-key='front-board/front']");
		return wanted.every((one) => door.textContent.includes(one));
	}, text);
	await front(["locked", "closed"]);
	await door.do("force");
	await front(["stands open", "forced open"]);
	await page.waitForSelector("[data-key=alarms]");
	await door.do("shut");
	await front(["closed"]);
	await page.waitForSelector("[data-key=alarms]", { state: "detached" });
	await door.do("block");
	await front(["blocked"]);
	await door.do("unblock");
	await front(["locked"]);
	await door.do("unlink");
	await front(["not connected"]);
	await page.waitForFunction(() => document.querySelector("#top .live").textContent === "No door connected");
	await door.do("link");
	await page.waitForFunction(() => !document.querySelector("[data-key='front-board/front']").textContent.includes("not connected"));
	await door.do("lose_broker");
	await page.waitForSelector("[data-key=broker]");
	await page.waitForFunction(() => document.querySelector("#top .live").textContent === "Broker not reached");
	await door.do("find_broker");
	await page.waitForSelector("[data-key=broker]", { state: "detached" });
	await page.waitForFunction(() => document.querySelector("#top .live").textContent === "Live");
	await page.waitForFunction(() => !document.querySelector("[data-key='front-board/front']").textContent.includes("not connected"));
	assert.ok(await page.evaluate(() => window.stayed));

	await page.locator("[aria-label='Open front']").click();
	await page.fill("dialog [name=reason]", "Parcel");
	await page.keyboard.press("Enter");
	await page.waitForSelector("dialog", { state: "detached" });
	await door.do("opened");

	await page.locator("#navigation [href='#/visits']").click();
	await page.locator("[aria-label='Correct the visit of Ada Example']").click();
	await page.fill("dialog [name=halfDays]", "2");
	await page.fill("dialog [name=reason]", "Whole day");
	await page.locator("dialog [type=submit]").click();
	await page.waitForSelector("dialog", { state: "detached" });
	await shows("Whole day");
	assert.deepEqual(faults, []);
	await close();
});
