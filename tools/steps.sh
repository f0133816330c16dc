# Named and timed steps, for the other scripts to source. Not a program of its own.
#
#   step NAME COMMAND ...   runs the command and says how it went and how long it took; returns its
#                           status. The script decides whether it goes on.
#   finish                  prints every step with its time and the total; exits with 1 where any
#                           step failed, with 0 otherwise.

step_lines=()
step_failures=0

step() {
    local name=$1 start=$SECONDS status=0
    shift
    printf '\n=== %s\n' "$name"
    "$@" || status=$?
    local outcome=ok
    if [ "$status" -ne 0 ]; then
        outcome="FAILED (status $status)"
        step_failures=$((step_failures + 1))
    fi
    step_lines+=("$(printf '%5d s  %-28s %s' "$((SECONDS - start))" "$name" "$outcome")")
    printf '=== %s: %s after %d s\n' "$name" "$outcome" "$((SECONDS - start))"
    return "$status"
}

finish() {
    printf '\n'
    printf '%s\n' "${step_lines[@]}"
    printf '%5d s  in all, %d of %d steps failed\n' "$SECONDS" "$step_failures" "${#step_lines[@]}"
    [ "$step_failures" -eq 0 ] || exit 1
    exit 0
}
