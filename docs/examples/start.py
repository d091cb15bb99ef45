"""Ask a question in three languages, then look at what the model would be trained on."""

import calm

some = ["en", "de", "fr"]
asked = calm.ask("Which gas do plants take in?", ["oxygen", "carbon dioxide"], languages=some)
print(asked.winner and asked.winner.label, {code: asked.own(code) for code in some})

run = calm.align(run="first", languages=some, max_train_questions=12, until="pairs")
print(run.to_pandas("votes")[["question_id", "winner", "share"]])
print(calm.lint(run.rows("pairs")).findings)
