#!/usr/bin/env python3
"""Months of many seeds, judged twice: rota_seeds.py INSTANCES.py JUDGE.py [--seeds N] [--steps N] [--mutations N]

    cargo build --release --example rota
    python3 benches/rota_seeds.py rota_instance.py rota_check.py --seeds 50 --steps 30000 --mutations 10

INSTANCES.py SEED SCALE OUT.json makes an instance; JUDGE.py is loaded as a module, its `judge(instance, rows)` counts broken rules. Each plan,
and mutations of it, are judged by it and by our own audit (`rota INSTANCE --check PLAN...`); every count must be the same.
The judge's comparison of each day with its best order is left out for mutated plans: it is no rule, and takes minutes.
"""
import argparse, importlib.util, json, os, random, subprocess, sys, tempfile, types
from collections import Counter

ROTA = os.path.join(os.path.dirname(__file__), "../target/release/examples/rota")
COUNTS = ("gap_viol", "day_over", "month_over", "tw_viol", "leave_viol", "elig_viol", "blocked_viol", "extra", "multi_cg", "unassigned", "hard_rules_broken", "travel_h")


def mutated(inst, rows, rng):
    """(name, rows): one to three changes of one kind"""
    rows, kind = list(rows), rng.choice(KINDS)
    for _ in range(rng.choice([1, 1, 2, 3])):
        rows = kind(inst, rows, rng)
    return kind.__name__, rows


def another_day(inst, rows, rng):
    k = rng.randrange(len(rows)); g, d, c = rows.pop(k)
    return rows + [(g, d + rng.choice([-7, -2, -1, 1, 2, 7]), c)] if d > 7 else rows + [(g, d + rng.choice([1, 2, 3, 7]), c)]


def another_caregiver(inst, rows, rng):
    k = rng.randrange(len(rows)); g, d, c = rows.pop(k)
    return rows + [(rng.randrange(len(inst["caregivers"])), d, c)]


def whole_client_handed_over(inst, rows, rng):
    c = rng.choice(rows)[2]; g = rng.choice(inst["clients"][c]["eligible"])
    return [r for r in rows if r[2] != c] + [(g, d, c) for _, d, x in rows if x == c]


def caregivers_swapped(inst, rows, rng):
    a, b = rng.sample(range(len(rows)), 2); x, y = rows[a], rows[b]
    rows[a], rows[b] = (y[0], x[1], x[2]), (x[0], y[1], y[2])
    return rows


def clients_swapped(inst, rows, rng):
    a, b = rng.sample(range(len(rows)), 2); x, y = rows[a], rows[b]
    rows[a], rows[b] = (*x[:2], y[2]), (*y[:2], x[2])
    return rows


def twice(inst, rows, rng):
    k = rng.randrange(len(rows))
    return rows[:k] + [rows[k]] + rows[k:]


def left_out(inst, rows, rng):
    k = rng.randrange(len(rows))
    return rows[:k] + rows[k + 1:]


def order_turned(inst, rows, rng):
    day = rng.choice(rows)[:2]; places = [k for k, r in enumerate(rows) if r[:2] == day]; stops = [rows[k] for k in places]
    rng.shuffle(stops)
    for k, r in zip(places, stops): rows[k] = r
    return rows


def days_joined(inst, rows, rng):
    g, d, _ = rng.choice(rows); to = rng.choice(inst["days"])
    return [r for r in rows if r[:2] != (g, d)] + [(g, to, c) for _, _, c in (r for r in rows if r[:2] == (g, d))]


def on_leave(inst, rows, rng):
    away = [g for g in inst["caregivers"] if g["leave"]]; g = rng.choice(away); mine = [k for k, r in enumerate(rows) if r[0] == g["id"]]
    if not mine: return rows
    k = rng.choice(mine); _, _, c = rows.pop(k)
    return rows + [(g["id"], rng.choice(g["leave"]), c)]


def on_a_blocked_day(inst, rows, rng):
    mine = [k for k, r in enumerate(rows) if inst["clients"][r[2]]["blocked_wd"]]; k = rng.choice(mine); g, _, c = rows.pop(k)
    return rows + [(g, rng.choice([d for d in inst["days"] if (d - 1) % 7 in inst["clients"][c]["blocked_wd"]]), c)]


def at_the_weekend(inst, rows, rng):
    k = rng.randrange(len(rows)); g, _, c = rows.pop(k)
    return rows + [(g, rng.choice([6, 7, 13, 14, 20, 21, 27, 28]), c)]


KINDS = [another_day, another_caregiver, whole_client_handed_over, caregivers_swapped, clients_swapped, twice, left_out, order_turned, days_joined,
         on_leave, on_a_blocked_day, at_the_weekend]


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("instances"); cli.add_argument("judge"); cli.add_argument("--seeds", type=int, default=50)
    cli.add_argument("--steps", type=int, default=30_000); cli.add_argument("--mutations", type=int, default=10)
    o = cli.parse_args()
    spec = importlib.util.spec_from_file_location("judge", o.judge); judge = importlib.util.module_from_spec(spec); spec.loader.exec_module(judge)
    exact, quick = judge.itertools, types.SimpleNamespace(permutations=lambda stops: [stops])
    kinds, broken_kinds, bad, unlike, short = Counter(), Counter(), 0, [], []
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        for seed in range(1, o.seeds + 1):
            subprocess.run([sys.executable, o.instances, str(seed), "1", at("i.json")], check=True, stdout=subprocess.DEVNULL)
            inst, rng = json.load(open(at("i.json"))), random.Random(seed)
            run = subprocess.run([ROTA, at("i.json"), "--out", at("0.csv"), "--steps", str(o.steps)], check=True, stdout=subprocess.PIPE, text=True)
            rows = [tuple(map(int, l.split(","))) for l in open(at("0.csv")) if l[0].isdigit()]
            plans = [("as planned", rows)] + [mutated(inst, rows, rng) for _ in range(o.mutations)]
            for k, (_, plan) in enumerate(plans[1:], 1):
                with open(at(f"{k}.csv"), "w") as f: f.writelines(f"{g},{d},{c}\n" for g, d, c in plan)
            ours = subprocess.run([ROTA, at("i.json"), "--check"] + [at(f"{k}.csv") for k in range(len(plans))], check=True, stdout=subprocess.PIPE, text=True)
            for k, ((kind, plan), line) in enumerate(zip(plans, ours.stdout.splitlines())):
                judge.itertools = quick if k else exact
                theirs, mine = judge.judge(inst, plan), json.loads(line)
                differ = {n: (theirs[n], mine[n]) for n in COUNTS if abs(theirs[n] - mine[n]) > (0.11 if n == "travel_h" else 0)}
                if differ: unlike.append((seed, kind, differ))
                if k: kinds[kind] += 1; broken_kinds[kind] += theirs["hard_rules_broken"] > 0
                else:
                    bad += theirs["hard_rules_broken"] > 0; short.append(theirs["unassigned"] - json.loads(run.stdout)["bound_unplaced"])
                    print(json.dumps({"seed": seed, "bound": json.loads(run.stdout)["bound_unplaced"], **{n: theirs[n] for n in ("unassigned", "travel_h", "hard_rules_broken", "day_order_gap_pct")}}), flush=True)
    print(json.dumps({"plans with a broken rule": bad, "most above the printed bound": max(short), "mutated": sum(kinds.values()), "of them broken": sum(broken_kinds.values()),
                      "kinds": {k: f"{broken_kinds[k]} of {n} broken" for k, n in sorted(kinds.items())}, "verdicts that differ": unlike}))
    sys.exit(bool(bad or unlike))


if __name__ == "__main__":
    main()
