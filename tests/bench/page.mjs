// An open page that looks out for names. Orders come by lines: "look NAME"; answers are "open", "looking" and
// "found MS", the frame's time after the name stood in the document, in Unix milliseconds.

import { createInterface } from "node:readline";
import { launch, open } from "../e2e/web/browser.mjs";

const say = (line) => process.stdout.write(line + "\n");
const url = process.env.LOQUET_URL;
const browser = await launch();
const { page } = await open(browser, url, { language: "en" });
const [name, value] = process.env.LOQUET_COOKIE.split("=");
await page.context().addCookies([{ name, value, url }]);
await page.exposeFunction("found", (at) => say("found " + at));
await page.goto(url + "#/now");
await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Now" && document.querySelector(".live"));
await page.evaluate(() => {
	window.wanted = null;
	new MutationObserver(() => {
		if (window.wanted && document.querySelector("main").textContent.includes(window.wanted)) {
			window.wanted = null;
			requestAnimationFrame(() => window.found(performance.timeOrigin + performance.now()));
		}
	}).observe(document.querySelector("main"), { childList: true, characterData: true, subtree: true });
});
say("open");
for await (const line of createInterface({ input: process.stdin })) {
	await page.evaluate((wanted) => {
		window.wanted = wanted;
	}, line.replace("look ", ""));
	say("looking");
}
await browser.close();
