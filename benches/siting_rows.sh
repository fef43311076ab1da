#!/bin/sh
# Every row of the siting table with the product itself: benches/siting_rows.sh INSTANCES [CAREGRID]
# INSTANCES holds a, aall, b, b60 and c, each with pairs.csv and clients.csv (docs/BENCHMARKS.md says how they are made). One JSON line an answer;
# its wall_s leaves out the reading of the tables. One thread.
set -eu
folder=$1
caregrid=${2:-target/release/caregrid}
export RAYON_NUM_THREADS=1
row() {
    instance=$1
    shift
    printf '%s %s: ' "$instance" "$*"
    "$caregrid" siting --pairs "$folder/$instance/pairs.csv" --weights "$folder/$instance/clients.csv" --json "$@" |
        sed -E 's/"sites":\[[^]]*\],?//; s/"nested":(null|\{[^}]*\}),?//'
}
capacity() { # Every site 1.3 times the mean load of p outlets.
    awk -F, -v p="$1" 'NR == FNR { if (FNR == 1) { for (i = 1; i <= NF; i++) if ($i == "weight") w = i } else total += $w; next }
        FNR > 1 { seen[$1] = 1 } END { print "site,capacity"; for (s in seen) print s "," int(1.3 * total / p) }' \
        "$folder/a/clients.csv" "$folder/a/pairs.csv"
}
row a --model lscp
for p in $(seq 1 20); do row a --model mclp -p "$p" --gap 0.2; done
row a --model mclp --curve 20 --gap 0.5
for p in 5 10 20 40 60; do row aall --model pmedian -p "$p"; done
row a --model pcenter -p 22
for p in 10 20 40; do row aall --model pcenter -p "$p"; done
limits=$(mktemp)
trap 'rm -f "$limits"' EXIT
capacity 20 > "$limits"
row a --model mclp -p 20 --capacity "$limits" --steps 300
capacity 40 > "$limits"
row a --model pmedian -p 40 --capacity "$limits" --steps 300
row b --model lscp --steps 3000
row b --model mclp -p 50 --steps 2000
row b60 --model pmedian -p 100 --gap 0.05
row b60 --model pmedian -p 50 --gap 0.2
row a --model cover_nearest -p 20
row a --model cover_nearest -p 25
row c --model lscp --steps 3000
row c --model mclp -p 300 --steps 400
