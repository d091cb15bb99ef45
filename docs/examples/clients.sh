app=http://127.0.0.1:7860/gradio_api/call

call() {
  id=$(curl -s "$app/v2/$1" -H 'Content-Type: application/json' -d "$2" | cut -d '"' -f 4)
  curl -sN "$app/$1/$id" | sed -n 's/^data: //p' | tail -n 1
}

question='"text": "What do bees make?", "choices": ["honey", "milk", "silk"], "language": "en"'
call ask "{$question, \"languages\": [\"en\", \"fr\", \"de\"], \"num_samples\": 4}" |
  grep -o '"winner": [^,]*, "share": [0-9.]*'

settings='"question_set": "built-in", "languages": ["en", "fr"], "max_train_questions": 0'
call start_alignment "{\"run\": \"from-curl\", $settings, \"preset\": \"quick\"}"
until call alignment_status '{"run": "from-curl"}' | grep -oE '"state": "(done|failed|stopped)"'; do
  sleep 2
done

call compare_run '{"run": "from-curl"}' | grep -o '"scores": \[[^]]*' |
  grep -o '"model": "[^"]*", "reading": "[^"]*", "language": "all", "metric": "accuracy"[^}]*'
