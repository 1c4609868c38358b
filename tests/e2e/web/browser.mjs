// One browser for all tests, and an eye on what no page may do.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.LOQUET_NODE_MODULES + "/");
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf-8");

export async function launch() {
	return chromium.launch({ executablePath: process.env.LOQUET_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
}

// A page of its own session. `faults` are the errors it showed and the strangers it asked.
export async function open(browser, url, { language = "en", scheme = "light", width = 1280, height = 900 } = {}) {
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: language, reducedMotion: "reduce" });
	const page = await context.newPage();
	page.setDefaultTimeout(60000);
	const faults = [];
	const origin = new URL(url).origin;
	page.on("request", (request) => {
		if (!request.url().startsWith(origin + "/")) {
			faults.push("asked " + request.url());
		}
	});
	page.on("pageerror", (error) => faults.push(error.stack));
	page.on("console", (message) => {
		// A refusal of the office's is an answer that the page shows; the browser notes it all the same.
		const answered = message.text().startsWith("Failed to load resource") && message.location().url.startsWith(origin + "/api/");
		if (["error", "warning"].includes(message.type()) && !answered) {
			faults.push(message.text());
		}
	});
	return { page, faults, close: () => context.close() };
}

// From the next document on, time passes as the test turns page.clock. What is on its way to the office
// takes real time, and is not given up for what the clock was turned meanwhile.
export async function turnTime(page) {
	const context = page.context();
	await context.addInitScript(() => {
		window.giveUpAfter = AbortSignal.timeout.bind(AbortSignal);
	});
	await page.clock.install();
	await context.addInitScript(() => {
		Object.defineProperty(AbortSignal, "timeout", { value: window.giveUpAfter });
	});
}

// What axe finds wrong in what is shown, or in a part of it.
export async function axe(page, part = "html") {
	if (!await page.evaluate(() => "axe" in window)) {
		await page.evaluate(AXE);
	}
	return page.evaluate(async (selector) => {
		const { violations } = await window.axe.run(selector, { resultTypes: ["violations"], preload: false });
		return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
	}, part);
}

// Waits for what no page can be asked for.
export async function until(condition, what) {
	const patience = performance.now() + 60000;
	while (!condition()) {
		if (performance.now() > patience) {
			throw new Error(`${what}: not within 60 s`);
		}
		await new Promise((done) => {
			setTimeout(done, 20);
		});
	}
}

// Tabs until what has the focus fits; only the keyboard is used.
export async function tabTo(page, selector, most = 80) {
	for (let i = 0; i < most; i++) {
		if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) {
			return;
		}
		await page.keyboard.press("Tab");
	}
	throw new Error("the keyboard does not come to " + selector);
}
