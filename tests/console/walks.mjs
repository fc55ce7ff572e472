// The walks that the cloud product's manual shows, click by click, and what follows in a real Envoy.

import assert from "node:assert/strict";
import { statusOf } from "./stage.mjs";

/** The words that are clicked, in each language. */
const WORDS = {
  en: {
    keys: "Keys", newKey: "New key", createKey: "Create key", plans: "Usage plans", newPlan: "New usage plan",
    createPlan: "Create usage plan", services: "Services", newService: "New service", createService: "Create service",
    bindKeys: "Bind keys", bind: "Bind", sign: "Sign", disable: "Disable…", reallyDisable: "Disable web",
    created: "Key web created", oneKey: "1 key bound to first.", onePlan: "1 plan bound to release of shop.",
    inForce: "In force on 1 of 1 Envoys", disabled: "web is disabled.",
    conflict: "The key web would have two plans on release of shop: first and second.",
    custom: "Custom", tooShort: "10 to 50 letters, digits, _ and -.", signOut: "Sign out", signIn: "Sign in",
  },
  "zh-CN": {
    keys: "密钥", newKey: "新建密钥", createKey: "提交", plans: "使用计划", newPlan: "新建使用计划",
    createPlan: "提交", services: "服务", newService: "新建服务", createService: "提交",
    bindKeys: "绑定密钥", bind: "绑定", sign: "签名", disable: "禁用…", reallyDisable: "禁用 web",
    created: "已创建密钥 web", oneKey: "已将 1 个密钥 绑定到 first。", onePlan: "已将 1 个使用计划 绑定到 shop 的 release。",
    inForce: "1/1 个 Envoy 上生效", disabled: "已禁用 web。",
    conflict: "密钥 web 在 shop 的 release 环境会有两个使用计划：first 和 second。",
    custom: "自定义", tooShort: "10–50 个字符，支持 a-z、A-Z、0-9、_ 和 -。", signOut: "退出登录", signIn: "登录",
  },
};

/** Walks through the console; `shot` keeps a picture. */
export async function walk(stage, { language, script, sessions, shot = async () => {} }) {
  const words = WORDS[language];
  const context = await stage.browser.newContext({
    locale: language, javaScriptEnabled: script, viewport: { width: 1280, height: 860 },
  });
  await context.addCookies(sessions);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  let clicks = 0;
  const click = async (locator) => {
    clicks += 1;
    await locator.click();
  };
  const button = (name) => page.getByRole("button", { name, exact: true });
  const link = (name) => page.getByRole("link", { name, exact: true });
  const room = (name) => page.locator("nav.nav").getByRole("link", { name });
  const pick = (name) => page.locator("label.pick").filter({ has: page.locator("b").getByText(name, { exact: true }) }).locator("input");
  const says = async (text) => {
    const said = (await page.locator("body").innerText()).replace(/\s+/g, " ");
    assert.ok(said.includes(text), `the page does not say ${JSON.stringify(text)}: ${said}`);
  };
  /** What is done takes no more clicks than the manual's list. */
  const inClicks = async (most, name, work) => {
    clicks = 0;
    await work();
    assert.ok(clicks <= most, `${name}: ${clicks} clicks, not ${most}`);
  };

  await page.goto(`${stage.origin}/console/services`);
  await inClicks(2, "create a service", async () => {
    await click(link(words.newService).first());
    await page.locator("#name").fill("shop");
    await page.locator("#domains").fill("shop.example.com");
    await click(button(words.createService));
  });
  await click(room(words.keys));
  await inClicks(2, "create a key", async () => {
    await click(link(words.newKey).first());
    await page.locator("#name").fill("web");
    await shot(page, "new-key");
    await click(button(words.createKey));
  });
  await says(words.created);
  await says(words.inForce);
  const secretId = await page.locator("#new-secret-id").innerText();
  assert.equal((await page.locator("#new-secret-key").innerText()).length, 40);
  await shot(page, "key-created");
  await page.reload();
  assert.equal(await page.locator("#new-secret-key").count(), 0, "a secret is shown once");

  await inClicks(3, "a custom key that is wrong", async () => {
    await click(link(words.newKey).first());
    await page.locator("#name").fill("own");
    await click(page.locator("#type-custom"));
    await page.locator("#secret_id").fill("AKIDown0001");
    await page.locator("#secret_key").fill("short");
    await click(button(words.createKey));
  });
  await says(words.tooShort);
  assert.equal(await page.locator("#secret_key").inputValue(), "", "a secret is not sent back");

  for (const name of ["first", "second"]) {
    await page.goto(`${stage.origin}/console/plans`);
    await inClicks(2, "create a plan", async () => {
      await click(link(words.newPlan).first());
      await page.locator("#name").fill(name);
      await page.locator("#max_requests_per_second").fill("50");
      await click(button(words.createPlan));
    });
    await inClicks(3, "bind a key", async () => {
      await click(link(words.bindKeys));
      await click(page.locator(`input[name=key][value="${secretId}"]`));
      if (name === "first") await shot(page, "bind-keys");
      await click(button(words.bindKeys));
    });
  }
  await click(room(words.services));
  await click(link("shop"));
  await inClicks(4, "bind a plan to an environment", async () => {
    await click(link(words.bind).first());
    await click(page.locator("#environment-release"));
    await click(pick("first"));
    await shot(page, "bind-plan");
    await click(button(words.bind));
  });
  await says(words.onePlan);
  await shot(page, "service");
  await click(link(words.bind).first());
  await click(pick("second"));
  await click(button(words.bind));
  await says(words.conflict);
  await shot(page, "conflict");

  await page.goto(`${stage.origin}/console/sign`);
  await page.locator("#key").selectOption(secretId);
  await page.locator("#url").fill("http://shop.example.com/release/ready");
  await page.locator("#connect").fill(`http://${stage.ingress}`);
  await click(button(words.sign));
  const command = await page.locator("#curl").innerText();
  await shot(page, "sign");
  assert.equal(statusOf(command), 200, `admitted: ${command}`);
  assert.equal(statusOf(command.replace('signature="', 'signature="AAAA')), 401, "another signature is refused");

  await click(room(words.keys));
  await inClicks(2, "disable a key", async () => {
    await click(page.getByRole("link", { name: `${words.disable} web`, exact: true }));
    await shot(page, "disable");
    await click(button(words.reallyDisable));
  });
  await says(words.disabled);
  assert.equal(statusOf(command), 401, "the key is disabled in Envoy when the page says so");
  assert.deepEqual(complaints.filter((text) => !text.includes("422")), [], "the browser has nothing to complain of");
  await context.close();
}
