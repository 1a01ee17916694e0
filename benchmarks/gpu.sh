#!/usr/bin/env bash
# What a GPU is needed for, by one command: in so many MINUTES, in order of worth, resumable, and all that came of it in OUT.
#
#   benchmarks/gpu.sh                            ten minutes, every stage
#   MINUTES=60 benchmarks/gpu.sh full study      some stages
#   TINY=1 DEVICE=cpu benchmarks/gpu.sh          every stage with tiny sizes, anywhere (tests/benchmarks/test_gpu.py)
#
# Stages: wheels  packages that the machine lacks, from the folder WHEELS
#         doctor  what the machine is
#         tests   pytest -m gpu
#         steps   milliseconds and memory of AHAN's step at the paper's size (results/benchmarks/gpu_steps.csv)
#         render  the sets of the study
#         full    AHAN as the paper trains it, from the weight file TRUNK (random without): a third of what is left
#         study   its rows, SIDE at a time, parts 1 2 3 6 first: what is left but a fifth
#         chapters  the report's notebooks, smoke profile
#         collect tables, records and logs into OUT, in pieces of 15 MB
#
# A stage that fails does not stop the others; OUT/stages.csv says how each ended. A stopped run goes on next time.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

MINUTES=${MINUTES:-10} DEVICE=${DEVICE:-cuda} TINY=${TINY:-} SIDE=${SIDE:-4}
OUT=$(realpath -m "${OUT:-build/gpu}")
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}
export PYTHONPATH="$OUT/packages:$PWD:$PWD/data_prep${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
[ "$DEVICE" = cpu ] && export CUDA_VISIBLE_DEVICES=""
STAGES=(wheels doctor tests steps render full study chapters collect)
mkdir -p "$OUT/logs" && touch "$OUT/started"
[ -f "$OUT/stages.csv" ] || echo "stage,seconds,ended" >"$OUT/stages.csv"

if [ -n "$TINY" ]; then
  PROFILE=smoke PARTS=1 SETS=smoke ROWS="$OUT/rows.yaml" CHAPTERS=${CHAPTERS:-book/16_cost.ipynb}
  STEPS=(--tiny) FULL=(train.passes=96 train.warmup=0)
  printf '%s\n' 'profile: smoke' 'seeds: 1' 'parts:' '  "1":' '    title: tiny' \
    '    set: [train.passes=96, train.warmup=0, "evaluate.sets=[]"]' '    rows: {vit: {keep: [0]}, vit_grid: {}}' >"$ROWS"
else
  PROFILE=full PARTS=${PARTS:-"1 2 3 6 4 4b 5 7 8 9 10"} SETS=${SETS:-"study2"} ROWS="" CHAPTERS=${CHAPTERS:-$(ls book/*.ipynb)}
  STEPS=() FULL=("train.trunk=${TRUNK:-null}" "data.name=${DATA:-large}" train.precision=bf16)
fi

left() { echo $((MINUTES * 60 - SECONDS)); }            # seconds of the whole
share() { local s=$(($(left) * $1 / 100)); echo $((s > ${LEAST:-20} ? s : ${LEAST:-20})); }
within() { timeout --signal=INT --kill-after=60 "$@"; } # a run that is stopped leaves its checkpoint
twinlib() { "$PYTHON" -m twinlib.cli.main "$@"; }
export -f twinlib && export PYTHON

wheels() {
  [ -n "${WHEELS:-}" ] || return 0
  "$PYTHON" -m pip install --quiet --no-deps --no-index --target "$OUT/packages" "$WHEELS"/*.whl
}
doctor() { twinlib doctor; nvidia-smi 2>/dev/null || true; }
tests() {
  local marked="gpu"
  [ "$DEVICE" = cuda ] || marked="gpu and not gpu"
  within "$(share 15)" "$PYTHON" -m pytest -q -p no:cacheprovider -m "$marked" tests/train/test_on_gpu.py
  local code=$?
  [ $code -eq 5 ] && [ "$DEVICE" = cpu ] && return 0 # none is for a CPU
  return $code
}
steps() { within "$(share 30)" "$PYTHON" -m benchmarks.gpu_steps --device "$DEVICE" "${STEPS[@]}"; }
render() {
  for name in $SETS; do
    within "$(share 50)" bash -c "twinlib synth $name && twinlib landmarks $name" || return
  done
}
full() {
  within "$(share 33)" "$PYTHON" -m twinlib.cli.main run ahan --profile "$PROFILE" --device "$DEVICE" --set "${FULL[@]}"
}
study() {
  local until=$((SECONDS + $(share 80)))
  for part in $PARTS; do
    local now=$((until - SECONDS))
    [ $now -gt 0 ] || return 124
    within "$now" "$PYTHON" -m twinlib.cli.main study --part "$part" --processes "$SIDE" ${ROWS:+--rows "$ROWS"} || return
  done
}
chapters() {
  "$PYTHON" -c "import papermill" || { echo "papermill is not here: WHEELS could bring it"; return 3; }
  mkdir -p "$OUT/chapters"
  local failed=0
  for chapter in $CHAPTERS; do
    within "$(share 50)" "$PYTHON" -m papermill "$chapter" "$OUT/chapters/$(basename "$chapter")" --cwd book -k python3 \
      --no-progress-bar $(grep -q '"parameters"' "$chapter" && echo "-p profile smoke -p device $DEVICE") || failed=$?
  done
  return $failed
}
collect() {
  local results=${TWINLIB_RESULTS:-results} build=${TWINLIB_BUILD:-build}
  { find "$results" -newer "$OUT/started" -type f; find "$build/smoke-runs" -newer "$OUT/started" -type f 2>/dev/null; } |
    tar -czf "$OUT/results.tar.gz" -T - --transform 's,^.*/\(results\|smoke-runs\)/,\1/,'
  tar -czf "$OUT/logs.tar.gz" -C "$OUT" logs
  if [ "$(stat -c %s "$OUT/results.tar.gz")" -gt 15000000 ]; then
    split -b 15000000 "$OUT/results.tar.gz" "$OUT/results.tar.gz." && rm "$OUT/results.tar.gz"
  fi
}

bad=0
for stage in "${@:-${STAGES[@]}}"; do
  case " ${STAGES[*]} " in *" $stage "*) ;; *) echo "$stage is no stage; known: ${STAGES[*]}" >&2; exit 2 ;; esac
done
for stage in "${@:-${STAGES[@]}}"; do
  began=$SECONDS
  "$stage" >"$OUT/logs/$stage.log" 2>&1
  code=$?
  case $code in 0) ended=done ;; 124 | 130 | 137) ended=stopped ;; *) ended="failed ($code)" bad=1 ;; esac
  echo "$stage,$((SECONDS - began)),$ended" | tee -a "$OUT/stages.csv"
done
exit $bad
