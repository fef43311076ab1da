#!/usr/bin/env python3
"""Siting beside its peers on one instance, one after the other in one run: caregrid, HiGHS on the merged cells, and spopt + HiGHS.

    python benches/peers/siting.py INSTANCE_DIR [--caregrid target/release/caregrid] [--model lscp|mclp] [-p N] [--limit-s 60] [--spopt]

INSTANCE_DIR holds pairs.csv (site,client,travel_time_s) and clients.csv (client,...,weight). Needs highspy (and with --spopt: spopt, pulp).
CPU seconds of one thread; reading the tables is not counted for the peers and counted for caregrid. HiGHS gets the cells that remain when clients
with equal site sets are merged: the merging is a gift to it. Prints a Markdown table.
"""
import argparse, csv, json, os, resource, subprocess, time
from collections import defaultdict


def read(folder):
    weight = {r["client"]: int(float(r["weight"])) for r in csv.DictReader(open(f"{folder}/clients.csv"))}
    sites, near = {}, defaultdict(list)
    for r in csv.DictReader(open(f"{folder}/pairs.csv")):
        near[r["client"]].append(sites.setdefault(r["site"], len(sites)))
    return weight, len(sites), near


def caregrid(args):
    command = [args.caregrid, "siting", "--pairs", f"{args.folder}/pairs.csv", "--weights", f"{args.folder}/clients.csv",
               "--model", args.model, "--json"] + (["-p", str(args.p)] if args.model == "mclp" else [])
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0])
    return told["objective"], told["bound"], resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def highs(args, weight, sites, near):
    import highspy
    cells = defaultdict(int)
    for client, of in near.items():
        cells[tuple(sorted(of))] += weight[client]
    h = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("time_limit", float(args.limit_s)), ("mip_rel_gap", 0.0)):
        h.setOptionValue(option, value)
    began = time.process_time()
    lscp = args.model == "lscp"
    x = [h.addBinary(obj=1.0 if lscp else 0.0) for _ in range(sites)]
    for of, w in cells.items():
        if lscp:
            h.addConstr(sum(x[s] for s in of) >= 1)
        else:
            y = h.addVariable(lb=0, ub=1, obj=float(w))
            h.addConstr(sum(x[s] for s in of) - y >= 0)
    if not lscp:
        h.addConstr(sum(x) == args.p)
    h.minimize() if lscp else h.maximize()
    info = h.getInfo()
    return info.objective_function_value, info.mip_dual_bound, time.process_time() - began


def spopt(args, weight, sites, near):
    import numpy, pulp
    from spopt.locate import LSCP, MCLP
    clients = sorted(near)
    cost = numpy.full((len(clients), sites), 1e6)
    for row, client in enumerate(clients):
        cost[row, near[client]] = 0.0
    began = time.process_time()
    if args.model == "lscp":
        model = LSCP.from_cost_matrix(cost, 1.0)
    else:
        model = MCLP.from_cost_matrix(cost, numpy.array([weight[c] for c in clients]), 1.0, p_facilities=args.p)
    model = model.solve(pulp.HiGHS(msg=False, threads=1, timeLimit=args.limit_s), results=False)
    return pulp.value(model.problem.objective), float("nan"), time.process_time() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--caregrid", default="target/release/caregrid")
    parser.add_argument("--model", choices=["lscp", "mclp"], default="lscp")
    parser.add_argument("-p", type=int, default=10)
    parser.add_argument("--limit-s", type=float, default=60.0)
    parser.add_argument("--spopt", action="store_true")
    args = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = "1"
    instance = read(args.folder)
    rows = [("caregrid", caregrid(args)), ("HiGHS, merged cells", highs(args, *instance))]
    if args.spopt:
        rows.append(("spopt + HiGHS", spopt(args, *instance)))
    print(f"{args.model} {args.folder}" + (f" p={args.p}" if args.model == "mclp" else ""))
    print("| solver | objective | bound | CPU s | ratio |\n|---|---|---|---|---|")
    for name, (objective, bound, seconds) in rows:
        print(f"| {name} | {objective:,.0f} | {bound:,.1f} | {seconds:.2f} | {seconds / rows[0][1][2]:.1f} x |")


if __name__ == "__main__":
    main()
