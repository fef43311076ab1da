#!/usr/bin/env python3
"""Routers of the Python index on a generated month, beside caregrid in the same run:
rota.py INSTANCE.json [--task month|days|tours] [--seconds N] [--steps N] [--check JUDGE.py] [PEER...]

    cargo build --release --example rota && pip install pyvroom pyvrp ortools numpy pandas
    python3 benches/peers/rota.py i.json --seconds 60

No router knows a client who is owed several visits some days apart by one caregiver, nor hours of a month. What is left for them is day
by day, and they get it in three tasks, each easier for them than the month:

    month  the days are chosen beforehand by this script (spread over the month, blocked weekdays left out, the emptiest days first);
           they choose caregivers and order. One caregiver a client and the month's hours are not asked of them.
    days   the same with the days of caregrid's plan.
    tours  with the days and the caregivers of caregrid's plan: only the order within each day is theirs.

VROOM has no longest working day either (eight hours within a shift of ten). Rules that a plan breaks are counted from the instance alone,
here and, with --check, by another program. --seconds are CPU seconds of one thread for the whole month, an equal share a day.
"""
import argparse, csv, datetime, json, math, os, resource, subprocess, sys, tempfile, time
from collections import Counter, defaultdict

DAY = 86_400


def trip(inst, a, b):
    d = math.hypot(a[0] - b[0], a[1] - b[1])
    return 0 if d == 0 else int(round(inst["fix"] + inst["detour"] * d / inst["speed"]))


def chosen_days(inst):
    """[(client, day, caregivers)]: days at least `min_gap` apart, evenly loaded; whoever is eligible"""
    load, jobs = Counter(), []
    for c in sorted(inst["clients"], key=lambda c: len(c["eligible"])):
        free = [d for d in inst["days"] if (d - 1) % 7 not in c["blocked_wd"]
                and any(d not in inst["caregivers"][g]["leave"] for g in c["eligible"])]
        best = None
        def grow(days, rest, price):
            nonlocal best
            if rest == 0:
                if best is None or price < best[0]: best = (price, days)
                return
            for d in free:
                if not days or d - days[-1] >= inst["min_gap"]:
                    grow(days + [d], rest - 1, price + load[d])
        grow([], c["visits"], 0)
        for d in best[1] if best else []:
            load[d] += c["service"]
            jobs.append((c["id"], d, c["eligible"]))
    return jobs


def jobs_of(inst, plan, task):
    """the visits of a plan with their days, and with their caregivers if only the order is asked for"""
    return [(c, d, [g] if task == "tours" else inst["clients"][c]["eligible"]) for (g, d), stops in plan.items() for c in stops]


def by_day(inst, jobs):
    """(day, caregivers at work, [(client, caregivers)])"""
    days = defaultdict(list)
    for c, d, who in jobs: days[d].append((inst["clients"][c], who))
    return [(d, [g for g in inst["caregivers"] if d not in g["leave"]], visits) for d, visits in sorted(days.items())]


def judge(inst, plan):
    """plan: (caregiver, day) -> clients in order; the same counts whoever planned"""
    n, who, hours, seen = Counter(), defaultdict(set), Counter(), defaultdict(list)
    for (g, d), stops in plan.items():
        carer = inst["caregivers"][g]
        t, at, waited, slack = carer["shift"][0], carer["xy"], 0, DAY
        for c in (inst["clients"][c] for c in stops):
            leg = trip(inst, at, c["xy"])
            n["travel s"] += leg
            waited += max(0, c["tw"][0] - t - leg)
            t = max(c["tw"][0], t + leg)
            n["windows"] += t + c["service"] > c["tw"][1]
            slack = min(slack, waited + max(0, c["tw"][1] - c["service"] - t))
            t, at = t + c["service"], c["xy"]
            n["not eligible"] += g not in c["eligible"]
            who[c["id"]].add(g)
            seen[c["id"]].append(d)
        leg = trip(inst, at, carer["xy"])
        n["travel s"] += leg
        # The day begins as late as its waiting allows.
        long = t + leg - carer["shift"][0] - min(waited, slack)
        hours[g] += long
        n["days over 8 h"] += long > carer["max_day"]
        n["on leave"] += len(stops) * (d in carer["leave"])
    n["unplaced"] = sum(c["visits"] - len(seen[c["id"]]) for c in inst["clients"])
    n["clients with several caregivers"] = sum(len(g) > 1 for g in who.values())
    n["months over 160 h"] = sum(h > inst["caregivers"][g]["max_month"] for g, h in hours.items())
    n["spacing"] = sum(b - a < inst["min_gap"] for days in map(sorted, seen.values()) for a, b in zip(days, days[1:]))
    return {"travel_h": round(n.pop("travel s") / 3600, 1), **n}


def vroom_plan(inst, jobs, seconds):
    """one skill a client; a caregiver has the skills of those they may serve"""
    import numpy as np, vroom
    plan, days = defaultdict(list), by_day(inst, jobs)
    for d, carers, visits in days:
        places = [g["xy"] for g in carers] + [c["xy"] for c, _ in visits]
        problem = vroom.Input()
        problem.set_durations_matrix("car", np.array([[trip(inst, a, b) for b in places] for a in places], dtype=np.uint32))
        for k, g in enumerate(carers):
            skills = {c["id"] for c, who in visits if g["id"] in who}
            problem.add_vehicle(vroom.Vehicle(g["id"], start=k, end=k, skills=skills, time_window=vroom.TimeWindow(*g["shift"])))
        for k, (c, _) in enumerate(visits):
            window = vroom.TimeWindow(c["tw"][0], c["tw"][1] - c["service"])
            problem.add_job(vroom.Job(c["id"], location=len(carers) + k, default_service=c["service"], skills={c["id"]}, time_windows=[window]))
        solution = problem.solve(exploration_level=5, nb_threads=1, timeout=datetime.timedelta(seconds=seconds / len(days)))
        for row in solution.routes.itertuples():
            if row.type == "job": plan[int(row.vehicle_id), d].append(int(row.id))
    return plan


def pyvrp_plan(inst, jobs, seconds):
    """one profile a caregiver carries who may serve whom"""
    import pyvrp, pyvrp.stop
    plan, days = defaultdict(list), by_day(inst, jobs)
    for d, carers, visits in days:
        begin = time.process_time()
        model = pyvrp.Model()
        at = lambda p: model.add_location(p[0], p[1])
        base, home = [at(g["xy"]) for g in carers], [at(c["xy"]) for c, _ in visits]
        depots = [model.add_depot(b) for b in base]
        for (c, _), h in zip(visits, home):
            model.add_client(h, service_duration=c["service"], tw_early=c["tw"][0], tw_late=c["tw"][1] - c["service"], prize=20_000, required=False)
        for g, depot, b in zip(carers, depots, base):
            profile = model.add_profile()
            model.add_vehicle_type(1, start_depot=depot, end_depot=depot, tw_early=g["shift"][0], tw_late=g["shift"][1],
                                   shift_duration=g["max_day"], profile=profile)
            here = [(b, g["xy"])] + [(h, c["xy"]) for (c, who), h in zip(visits, home) if g["id"] in who]
            for x, p in here:
                for y, q in here:
                    if x is not y: model.add_edge(x, y, trip(inst, p, q), trip(inst, p, q), profile=profile)
        left = seconds / len(days) - (time.process_time() - begin)
        # Arcs of people a caregiver may not serve: dearer than any prize. The package's own value for them keeps it from ending.
        result = model.solve(stop=pyvrp.stop.MaxRuntime(max(0.01, left)), seed=1, display=False, missing_value=200_000)
        for route in result.best.routes():
            stops = [visits[a.idx][0]["id"] for a in route if a.is_client()]
            if stops: plan[carers[route.vehicle_type()]["id"], d] = stops
    return plan


def ortools_plan(inst, jobs, seconds):
    """a caregiver is a vehicle, the day's eight hours bound the span of their time"""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2
    plan, days = defaultdict(list), by_day(inst, jobs)
    for d, carers, visits in days:
        places = [g["xy"] for g in carers] + [c["xy"] for c, _ in visits]
        legs = [[trip(inst, a, b) for b in places] for a in places]
        stay = [0] * len(carers) + [c["service"] for c, _ in visits]
        manager = pywrapcp.RoutingIndexManager(len(places), len(carers), list(range(len(carers))), list(range(len(carers))))
        model = pywrapcp.RoutingModel(manager)
        # Matrices, not callbacks into Python, so that the time goes into the search.
        model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(legs))
        passing = model.RegisterTransitMatrix([[stay[a] + s for s in row] for a, row in enumerate(legs)])
        model.AddDimension(passing, DAY, DAY, False, "time")
        clock = model.GetDimensionOrDie("time")
        for k, g in enumerate(carers):
            clock.SetSpanUpperBoundForVehicle(g["max_day"], k)
            clock.CumulVar(model.Start(k)).SetRange(*g["shift"]); clock.CumulVar(model.End(k)).SetRange(*g["shift"])
        row = {g["id"]: k for k, g in enumerate(carers)}
        for k, (c, who) in enumerate(visits):
            node = manager.NodeToIndex(len(carers) + k)
            clock.CumulVar(node).SetRange(c["tw"][0], c["tw"][1] - c["service"])
            model.VehicleVar(node).SetValues([-1] + sorted(row[g] for g in who if g in row))
            model.AddDisjunction([node], 20_000)
        search = pywrapcp.DefaultRoutingSearchParameters()
        search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        search.time_limit.FromMilliseconds(max(1, int(1000 * seconds / len(days))))
        answer = model.SolveWithParameters(search)
        for k, g in enumerate(carers if answer else []):
            i, stops = answer.Value(model.NextVar(model.Start(k))), []
            while not model.IsEnd(i):
                stops.append(visits[manager.IndexToNode(i) - len(carers)][0]["id"]); i = answer.Value(model.NextVar(i))
            if stops: plan[g["id"], d] = stops
    return plan


def caregrid_plan(inst, path, steps):
    """the library's example, one thread; it chooses the days itself"""
    with tempfile.NamedTemporaryFile("r", suffix=".csv") as out:
        program = os.path.join(os.path.dirname(__file__), "../../target/release/examples/rota")
        subprocess.run([program, path, "--out", out.name, "--steps", str(steps)], check=True, stdout=subprocess.DEVNULL)
        plan = defaultdict(list)
        for row in csv.DictReader(out): plan[int(row["caregiver"]), int(row["day"])].append(int(row["client"]))
    return plan


def cpu_seconds():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def checked(program, path, plan):
    """what another judge says of the plan"""
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as out:
        out.write("caregiver,day,client\n")
        out.writelines(f"{g},{d},{c}\n" for (g, d), stops in plan.items() for c in stops)
        out.flush()
        said = subprocess.run([sys.executable, program, path, out.name], stdout=subprocess.PIPE, text=True).stdout
    said = json.loads(said)
    return {"judge": {k: said[k] for k in ("travel_h", "unassigned", "hard_rules_broken", "multi_cg", "day_over", "month_over", "gap_viol")}}


def main():
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("instance"); cli.add_argument("peers", nargs="*", default=["caregrid", "vroom", "pyvrp", "ortools"])
    cli.add_argument("--task", nargs="*", choices=["month", "days", "tours"], default=["month"])
    cli.add_argument("--seconds", type=float, default=60); cli.add_argument("--steps", type=int, default=1_900_000); cli.add_argument("--check")
    o = cli.parse_args()
    inst = json.load(open(o.instance))
    ours = None

    def tell(peer, task, plan, wall, cpu):
        said = checked(o.check, o.instance, plan) if o.check else {}
        print(json.dumps({"peer": peer, "task": task, "wall_s": round(wall, 1), "cpu_s": round(cpu, 1), **judge(inst, plan), **said}), flush=True)

    if "caregrid" in o.peers or o.task != ["month"]:
        begin, cpu = time.time(), cpu_seconds()
        ours = caregrid_plan(inst, o.instance, o.steps)
        tell("caregrid", "whole month", ours, time.time() - begin, cpu_seconds() - cpu)
    for task in o.task:
        jobs = chosen_days(inst) if task == "month" else jobs_of(inst, ours, task)
        for peer in (p for p in o.peers if p != "caregrid"):
            begin, cpu = time.time(), cpu_seconds()
            plan = {"vroom": vroom_plan, "pyvrp": pyvrp_plan, "ortools": ortools_plan}[peer](inst, jobs, o.seconds)
            tell(peer, task, plan, time.time() - begin, cpu_seconds() - cpu)


if __name__ == "__main__":
    main()
