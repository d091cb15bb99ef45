const app = "http://127.0.0.1:7860/gradio_api/call";

async function call(name, given) {
  const posted = await fetch(`${app}/v2/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
  });
  if (!posted.ok) throw new Error(await posted.text());
  const { event_id } = await posted.json();
  const events = await (await fetch(`${app}/${name}/${event_id}`)).text();
  const [, kind, data] = events.match(/event: (complete|error)\ndata: (.*)/);
  if (kind === "error") throw new Error(data);
  return JSON.parse(data)[0];
}

const choices = ["honey", "milk", "silk"];
const question = { text: "What do bees make?", choices, language: "en" };
const { vote, verdict } = await call("ask", {
  ...question,
  languages: ["en", "fr", "de"],
  num_samples: 4,
});
if (vote.winner !== null) console.log(choices[vote.winner], vote.share, verdict);

const run = "from-javascript";
const settings = { question_set: "built-in", languages: ["en", "fr"], max_train_questions: 0 };
let status = await call("start_alignment", { run, ...settings, preset: "quick" });
while (["queued", "running"].includes(status.state)) {
  await new Promise((resolve) => setTimeout(resolve, 2000));
  status = await call("alignment_status", { run });
}
console.log(status.state, status.stage);

const { scores } = await call("compare_run", { run });
for (const { metric, language, model, reading, value, low, high } of scores) {
  if (metric === "accuracy" && language === "all") console.log(model, reading, value, low, high);
}
