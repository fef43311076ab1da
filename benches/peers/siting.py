#!/usr/bin/env python3
"""Siting beside its peers on one instance, one after the other in one run: caregrid, HiGHS on the merged cells, and spopt + HiGHS.

    python benches/peers/siting.py INSTANCE_DIR [--caregrid target/release/caregrid] [--model lscp mclp pmedian] [-p 10] [--limit-s 30] [--no-spopt]
                                   [--all-pairs DIR]

INSTANCE_DIR holds pairs.csv (site,client,travel_time_s) and clients.csv (client,...,weight); p-median reads the folder of --all-pairs, where every client has
every site. Makes a virtual environment beside itself (.venv) with highspy, spopt and pulp. CPU seconds of one thread; reading the tables is not counted for
the peers and counted for caregrid. HiGHS gets the cells that remain when clients with equal site sets are merged: the merging is a gift to it. A solver that
does not end within --limit-s tells what it holds then, and the table says so; a process that is not back 60 s later is stopped. Prints a Markdown table a model.
"""
import argparse, csv, json, math, multiprocessing, os, queue, resource, subprocess, sys, time
from collections import defaultdict
from pathlib import Path

VENV = Path(__file__).resolve().parent / ".venv"
PACKAGES = ["highspy", "spopt", "pulp", "numpy"]


def within_venv():
    """Starts this script again with the Python of its own environment, which is made at the first call."""
    if Path(sys.prefix).resolve() == VENV:
        return
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    if subprocess.run([python, "-c", "import highspy, spopt, pulp"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    os.execv(python, [str(python), *sys.argv])


def read(folder):
    weight = {r["client"]: int(float(r["weight"])) for r in csv.DictReader(open(f"{folder}/clients.csv"))}
    sites, near = {}, defaultdict(list)
    for r in csv.DictReader(open(f"{folder}/pairs.csv")):
        near[r["client"]].append((sites.setdefault(r["site"], len(sites)), int(r["travel_time_s"])))
    return weight, len(sites), near


def caregrid(args, model, folder):
    command = [args.caregrid, "siting", "--pairs", f"{folder}/pairs.csv", "--weights", f"{folder}/clients.csv",
               "--model", model, "--json"] + ([] if model == "lscp" else ["-p", str(args.p)])
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0])
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return told["objective"], told["bound"], seconds, "proven" if told["proven"] else "bounded"


def highs(args, model, weight, sites, near):
    import highspy
    h = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("time_limit", float(args.limit_s)), ("mip_rel_gap", 0.0)):
        h.setOptionValue(option, value)
    began = time.process_time()
    x = [h.addBinary(obj=1.0 if model == "lscp" else 0.0) for _ in range(sites)]
    if model == "pmedian":
        for client, of in near.items():
            part = [(s, h.addVariable(lb=0, ub=1, obj=float(weight[client] * d))) for s, d in of]
            h.addConstr(sum(y for _, y in part) == 1)
            for s, y in part:
                h.addConstr(y - x[s] <= 0)
    else:
        cells = defaultdict(int)
        for client, of in near.items():
            cells[tuple(sorted(s for s, _ in of))] += weight[client]
        for of, w in cells.items():
            if model == "lscp":
                h.addConstr(sum(x[s] for s in of) >= 1)
            else:
                y = h.addVariable(lb=0, ub=1, obj=float(w))
                h.addConstr(sum(x[s] for s in of) - y >= 0)
    if model != "lscp":
        h.addConstr(sum(x) == args.p)
    h.maximize() if model == "mclp" else h.minimize()
    info = h.getInfo()
    ended = h.getModelStatus() == highspy.HighsModelStatus.kOptimal
    found = info.objective_function_value if info.primal_solution_status == 2 else math.nan
    return found, info.mip_dual_bound, time.process_time() - began, "proven" if ended else f"limit of {args.limit_s:.0f} s"


def spopt(args, model, weight, sites, near):
    import numpy, pulp
    from spopt.locate import LSCP, MCLP, PMedian
    clients = sorted(near)
    cost = numpy.full((len(clients), sites), 1e6)
    for row, client in enumerate(clients):
        for site, d in near[client]:
            cost[row, site] = d if model == "pmedian" else 0.0
    demand = numpy.array([weight[c] for c in clients])
    began, wall = time.process_time(), time.monotonic()
    if model == "lscp":
        asked = LSCP.from_cost_matrix(cost, 1.0)
    elif model == "mclp":
        asked = MCLP.from_cost_matrix(cost, demand, 1.0, p_facilities=args.p)
    else:
        asked = PMedian.from_cost_matrix(cost, demand, p_facilities=args.p)
    asked = asked.solve(pulp.HiGHS(msg=False, threads=1, timeLimit=args.limit_s), results=False)
    seconds = time.process_time() - began
    value = pulp.value(asked.problem.objective)
    # The library reports a solution at the limit as solved, so only the wall clock tells the two apart.
    ended = "by itself, no bound told" if time.monotonic() - wall < args.limit_s else f"no bound told, at the limit of {args.limit_s:.0f} s or after"
    return math.nan if value is None else value, math.nan, seconds, ended


def guarded(run, args, model, instance):
    """`run` in a process of its own, stopped when it is not back a minute after the limit."""
    told = multiprocessing.Queue()
    child = multiprocessing.Process(target=lambda: told.put(run(args, model, *instance)))
    child.start()
    try:
        return told.get(timeout=args.limit_s + 60)
    except queue.Empty:
        child.kill()
        return math.nan, math.nan, args.limit_s + 60, f"stopped {args.limit_s + 60:.0f} s after its start"
    finally:
        child.join()


def table(args, model):
    folder = args.all_pairs if model == "pmedian" else args.folder
    instance = read(folder)
    rows = [("caregrid", caregrid(args, model, folder)), ("HiGHS" if model == "pmedian" else "HiGHS, merged cells", guarded(highs, args, model, instance))]
    if not args.no_spopt:
        rows.append(("spopt + HiGHS", guarded(spopt, args, model, instance)))
    print(f"\n{model} {folder}" + ("" if model == "lscp" else f" p={args.p}"))
    print("| solver | objective | bound | CPU s | ratio | ended |\n|---|---|---|---|---|---|")
    shown = lambda v: "none" if math.isnan(v) or math.isinf(v) else f"{v:,.0f}"
    for name, (objective, bound, seconds, ended) in rows:
        print(f"| {name} | {shown(objective)} | {shown(bound)} | {seconds:.2f} | {seconds / rows[0][1][2]:.1f} x | {ended} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--caregrid", default="target/release/caregrid")
    parser.add_argument("--model", nargs="+", choices=["lscp", "mclp", "pmedian"], default=["lscp", "mclp", "pmedian"])
    parser.add_argument("--all-pairs", help="folder for p-median; without it p-median is left out")
    parser.add_argument("-p", type=int, default=10)
    parser.add_argument("--limit-s", type=float, default=30.0)
    parser.add_argument("--no-spopt", action="store_true")
    args = parser.parse_args()
    within_venv()
    os.environ["RAYON_NUM_THREADS"] = "1"
    for model in args.model:
        if model != "pmedian" or args.all_pairs:
            table(args, model)


if __name__ == "__main__":
    main()
