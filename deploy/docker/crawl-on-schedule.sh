#!/bin/sh
# Crawls at 02:30 Beijing time: daily from January to April, when reports appear, else on Mondays.
# The arguments are those of `nianbao crawl`. A crawl's exit status is written to the log; the loop goes on.
# What was crawled is then published into the folder `published`, which the site serves.
set -u
export TZ=Asia/Shanghai

due_today() {
    month=$(date +%m) weekday=$(date +%u)
    [ "${month#0}" -le 4 ] || [ "$weekday" -eq 1 ]
}

seconds_until_0230() {
    now=$(date +%s) today=$(date -d '02:30' +%s)
    if [ "$now" -lt "$today" ]; then echo $((today - now)); else echo $(($(date -d 'tomorrow 02:30' +%s) - now)); fi
}

# An interrupt goes to the crawl, which ends in order, and to this loop.
trap 'exit 130' INT
trap 'exit 143' TERM
while :; do
    sleep "$(seconds_until_0230)" &
    wait $!
    due_today || continue
    nianbao crawl "$@" &
    wait $!
    status=$?
    echo "crawl of $(date +%F) ended with exit status $status"
    [ "$status" -le 2 ] || nianbao notify --message "the crawl was killed (exit status $status)"
    nianbao publish published || nianbao notify --message "publishing failed; see the log of the container"
done
