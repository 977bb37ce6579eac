#!/usr/bin/env python3
"""The Helm chart against the tree: what is generated is current, what is rendered is what Kubernetes takes and what the program
understands.

  tests/contracts/chart_test.py BINARY        from the project's root

Helm and the schemas are brought by tools/setup_helm.sh; without them those tests are skipped, aloud.
"""
import json
import os
import re
import subprocess
import tempfile
import unittest

from chart_support import BINARY, CHART, HELM, ROOT, check_site, flags_of, needs_helm, read, run
try:
    from chart_support import Kubernetes, definitions, jsonschema, yaml
except ImportError:
    pass

VERSIONS = ("1.27", "1.31", "1.36")
KAFKA = {"kind": "kafka", "bootstrap_servers": "kafka-1:9092, kafka-2:9093"}
SOURCES = [{"name": name, "connector": "folder", "collection": "c", "options": {"root": "/sources"}}
           for name in ("policies", "a_b", "a.b", "a-b", "a-source-with-a-name-of-exactly-sixty-four-characters-in-all-64.")]


class Generated(unittest.TestCase):
    def test_values_schema_rules_and_dashboard_are_what_the_tables_say(self):
        done = subprocess.run([os.path.join(ROOT, "tools", "chart_values.py"), BINARY, "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_versions_are_the_projects(self):
        version = re.search(r"project\(freshet VERSION ([0-9.]+)", read("CMakeLists.txt")).group(1)
        self.assertIn(f"appVersion: {version}\n", read("helm", "freshet", "Chart.yaml"))
        self.assertIn(f"image: freshet:{version}\n", read("helm", "compose.yaml"))


def render(values, *arguments, status=0):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(values, file)
        file.flush()
        done = run(HELM, "template", "site", CHART, "-f", file.name, "--namespace", "clinic", *arguments, status=status)
    return [each for each in yaml.safe_load_all(done.stdout) if each] if status == 0 else done.stderr


def everything(**site):
    """Values that switch everything on."""
    needs = {"volumes": [{"name": "sources", "emptyDir": {}}], "volumeMounts": [{"name": "sources", "mountPath": "/sources"}],
             "ports": [{"name": "mllp", "port": 2575}], "serviceType": "LoadBalancer", "from": [{"podSelector": {}}],
             "egress": [{"ports": [{"port": 5432, "protocol": "TCP"}]}]}
    return {"site": {"sources": SOURCES, "collections": [{"name": "c", "deidentify": "none"}], **site},
            "sourcePods": {"policies": needs, "a_b": needs}, "query": {"enabled": True},
            "probe": {"enabled": True, "places": {"existingSecret": "places"},
                      "egress": [{"ports": [{"port": 8443, "protocol": "TCP"}]}]},
            "monitoring": {"serviceMonitor": {"enabled": True, "labels": {"release": "p"}}, "rules": {"enabled": True}},
            "files": {"own-policy.yaml": "name: own\n"}, "env": [{"name": "A", "value": "b"}]}


def scaled(kind, **more):
    scaling = {"autoscaling": {"kind": kind, "maxReplicas": 100, **more}}
    return {"chunk": scaling, "embed": scaling}


def scenarios():
    authentication = [{"parameter": "username", "name": "kafka", "key": "user"}, {"parameter": "password", "name": "kafka", "key": "word"}]
    sasl = {**KAFKA, "tls": {}, "sasl": {"username": "u", "password": "${FILE:/etc/freshet/secrets/kafka}"}}
    http = {"kind": "http", "url": "https://models.example/x", "model": "m", "dimensions": 384}
    return {
        "as it comes": {},
        "one process": everything(),
        "kafka, one process": everything(log=KAFKA),
        "kafka, every step": everything(log=KAFKA, pipeline={"fuse": False}) | scaled("keda"),
        "kafka, hpa": everything(log=KAFKA, pipeline={"fuse": False}) | scaled("hpa"),
        "kafka with a password": everything(log=sasl, pipeline={"fuse": False}) | scaled("keda", authentication=authentication),
        "kafka, two hops": everything(log=KAFKA, pipeline={"durable_after": ["deid", "embed"]}),
        "kafka, one hop": everything(log=KAFKA, pipeline={"durable_after": ["chunk"]}, embedder=http),
    }


def of_kind(objects, *kinds):
    return [each for each in objects if each["kind"] in kinds]


def pods_of(objects):
    return of_kind(objects, "Deployment", "StatefulSet")


def named(objects, kind, name):
    [found] = [each for each in of_kind(objects, kind) if each["metadata"]["name"] == name]
    return found


def selects(selector, pod):
    labels = pod["spec"]["template"]["metadata"]["labels"]
    wanted = selector.get("matchLabels", {}) if "matchLabels" in selector or "matchExpressions" in selector else selector
    for row in selector.get("matchExpressions", []):
        if (labels.get(row["key"]) in row["values"]) != (row["operator"] == "In"):
            return False
    return all(labels.get(key) == value for key, value in wanted.items())


@needs_helm
class Chart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rendered = {name: render(values) for name, values in scenarios().items()}

    def each(self):
        return self.rendered.items()

    def test_helm_finds_nothing_to_say(self):
        run(HELM, "lint", "--strict", CHART)

    def test_kubernetes_takes_every_object(self):
        extra, kinds, versions = definitions(), set(), [Kubernetes(version) for version in VERSIONS]
        unlike = {json.dumps(each, sort_keys=True): each for _, objects in self.each() for each in objects}
        for each in unlike.values():
            kinds.add(each["kind"])
            schema = extra.get((each["apiVersion"], each["kind"]))
            if schema:
                jsonschema.validate(each, schema)
                continue
            for version in versions:
                version.validate(each)
        self.assertLessEqual({"StatefulSet", "Deployment", "Service", "ConfigMap", "ServiceAccount", "PodDisruptionBudget",
                              "NetworkPolicy", "HorizontalPodAutoscaler", "ScaledObject", "TriggerAuthentication",
                              "ServiceMonitor", "PrometheusRule"}, kinds)

    def test_the_checks_would_notice(self):
        wrong = json.loads(json.dumps(named(self.rendered["one process"], "ServiceMonitor", "site-freshet")))
        wrong["spec"]["endpoints"][0]["intervall"] = "1s"
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(wrong, definitions()[wrong["apiVersion"], wrong["kind"]])
        pod = json.loads(json.dumps(self.rendered["as it comes"][-1]))
        pod["spec"]["replica"] = 1
        with self.assertRaises(jsonschema.ValidationError):
            Kubernetes(VERSIONS[0]).validate(pod)

    def test_names_are_short_and_nobody_elses(self):
        for _, objects in self.each():
            names = [(each["kind"], each["metadata"]["name"]) for each in objects]
            self.assertEqual(len(names), len(set(names)))
            self.assertLessEqual(max(len(name) for _, name in names), 63)
            connectors = [pod for pod in pods_of(objects) if "connector" in pod["metadata"]["name"]]
            self.assertIn(len(connectors), (0, len(SOURCES)))

    def test_the_program_understands_the_site_and_runs_where_the_chart_runs_it(self):
        for name, objects in self.each():
            site = yaml.safe_load(named(objects, "ConfigMap", "site-freshet")["data"]["freshet.yaml"])
            drawn = re.findall(r"topics (\w+)\.live.*\n.*\n(\w+)", check_site(site))
            heads = [step for _, step in drawn]
            commands = {pod["spec"]["template"]["spec"]["containers"][0]["args"][0]: pod for pod in pods_of(objects)}
            stages = [command for command in ("deid", "chunk", "embed", "index") if command in commands]
            one = site["log"]["kind"] == "embedded" or len(heads) == 1
            self.assertEqual(stages, [] if one else heads)
            self.assertEqual("run" in commands, one)
            self.assertEqual("connector" in commands, not one and bool(site["sources"]))
            for scaler in of_kind(objects, "ScaledObject"):
                step = scaler["spec"]["scaleTargetRef"]["name"].rsplit("-", 1)[1]
                reads = next(topic for topic, of in drawn if of == step)
                for lane, trigger in zip(("live", "backfill"), scaler["spec"]["triggers"]):
                    self.assertEqual(trigger["metadata"]["topic"], f"freshet.default.{reads}.{lane}")
                    self.assertEqual(trigger["metadata"]["consumerGroup"], f"freshet.default.{step}.{lane}")
                self.assertEqual(scaler["spec"]["maxReplicaCount"], site["log"]["partitions"])

    def test_arguments_are_options_of_the_program(self):
        known = {}
        for _, objects in self.each():
            for pod in pods_of(objects):
                args = pod["spec"]["template"]["spec"]["containers"][0]["args"]
                known.setdefault(args[0], flags_of(args[0]))
                self.assertLessEqual({part for part in args if part.startswith("--")}, known[args[0]])

    def test_selectors_meet_pods(self):
        for _, objects in self.each():
            pods = pods_of(objects)
            for pod in pods:
                self.assertTrue(selects(pod["spec"]["selector"], pod), pod["metadata"]["name"])
                self.assertEqual(1, sum(selects(pod["spec"]["selector"], other) for other in pods), pod["metadata"]["name"])
            for service in of_kind(objects, "Service"):
                self.assertTrue(any(selects(service["spec"]["selector"], pod) for pod in pods), service["metadata"]["name"])
            for rule in of_kind(objects, "PodDisruptionBudget"):
                self.assertTrue(any(selects(rule["spec"]["selector"], pod) for pod in pods), rule["metadata"]["name"])
            for policy in of_kind(objects, "NetworkPolicy"):
                self.assertTrue(any(selects(policy["spec"]["podSelector"], pod) for pod in pods), policy["metadata"]["name"])
            for scaler in of_kind(objects, "ScaledObject", "HorizontalPodAutoscaler"):
                target = named(objects, "Deployment", scaler["spec"]["scaleTargetRef"]["name"])
                self.assertNotIn("replicas", target["spec"])

    def test_pods_can_do_nothing_that_they_need_not(self):
        for _, objects in self.each():
            for pod in pods_of(objects):
                spec = pod["spec"]["template"]["spec"]
                [container] = spec["containers"]
                self.assertTrue(spec["securityContext"]["runAsNonRoot"])
                self.assertFalse(spec["automountServiceAccountToken"])
                self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
                self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
                mounted = {row["name"] for row in container["volumeMounts"]}
                claims = {row["metadata"]["name"] for row in pod["spec"].get("volumeClaimTemplates", [])}
                self.assertEqual(mounted, {row["name"] for row in spec["volumes"]} | claims)
                for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                    self.assertEqual(container[probe]["httpGet"]["port"], "http")

    def test_who_reads_the_index_is_where_it_is(self):
        objects = self.rendered["kafka, every step"]
        index = named(objects, "StatefulSet", "site-freshet-index")
        for name in ("site-freshet-query", "site-freshet-connector-policies"):
            spec = named(objects, "Deployment", name)["spec"]["template"]["spec"]
            [claim] = [row["persistentVolumeClaim"]["claimName"] for row in spec["volumes"] if row["name"] == "data"]
            self.assertEqual(claim, f'{index["spec"]["volumeClaimTemplates"][0]["metadata"]["name"]}-site-freshet-index-0')
            [term] = spec["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            self.assertTrue(selects(term["labelSelector"], index))

    def test_the_network_lets_through_what_is_needed_and_no_more(self):
        objects = self.rendered["kafka, one hop"]
        by_name = {each["metadata"]["name"]: each["spec"] for each in of_kind(objects, "NetworkPolicy")}
        pods = {pod["metadata"]["name"]: pod for pod in pods_of(objects)}
        self.assertEqual(by_name["site-freshet"]["policyTypes"], ["Ingress", "Egress"])
        self.assertEqual([row["port"] for row in by_name["site-freshet-kafka"]["egress"][0]["ports"]], [9092, 9093])
        reach = lambda policy: {name for name, pod in pods.items() if selects(by_name[policy]["podSelector"], pod)}
        self.assertEqual(reach("site-freshet-models"), {"site-freshet-index", "site-freshet-query"})
        self.assertEqual([row["port"] for row in by_name["site-freshet-models"]["egress"][0]["ports"]], [443])
        self.assertEqual(reach("site-freshet-questions"), {"site-freshet-index", "site-freshet-query"})
        self.assertNotIn("site-freshet-query", reach("site-freshet-kafka"))
        self.assertEqual(reach("site-freshet-source-policies"), {"site-freshet-connector-policies"})

    def test_the_prober_is_told_where_to_write_and_may_go_there(self):
        [container] = named(self.rendered["one process"], "Deployment", "site-freshet-probe")["spec"]["template"]["spec"]["containers"]
        place = container["args"][container["args"].index("--places") + 1]
        [mount] = [row for row in container["volumeMounts"] if row["name"] == "places"]
        self.assertTrue(mount["readOnly"] and place.startswith(mount["mountPath"] + "/"), place)
        self.assertTrue(set(arg for arg in container["args"] if arg.startswith("--")) <= flags_of("probe"))
        policy = named(self.rendered["one process"], "NetworkPolicy", "site-freshet-probe")["spec"]
        self.assertIn([{"port": 8443, "protocol": "TCP"}], [rule["ports"] for rule in policy["egress"]])
        folders_only = render({"probe": {"enabled": True}})
        [container] = named(folders_only, "Deployment", "site-freshet-probe")["spec"]["template"]["spec"]["containers"]
        self.assertNotIn("--places", container["args"])

    def test_rules_and_dashboard_arrive_unchanged(self):
        objects = self.rendered["one process"]
        self.assertEqual(named(objects, "PrometheusRule", "site-freshet")["spec"], yaml.safe_load(read("alerts", "rules.yaml")))
        dashboard = named(objects, "ConfigMap", "site-freshet-dashboards")["data"]["freshet.json"]
        self.assertEqual(json.loads(dashboard), json.loads(read("alerts", "dashboard.json")))

    def test_a_change_of_the_site_starts_pods_anew(self):
        checksum = lambda values: pods_of(render(values))[0]["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
        self.assertNotEqual(checksum({}), checksum({"site": {"log": {"retention_time": "8d"}}}))
        self.assertEqual(checksum({}), checksum({"site": {"log": {"retention_time": "7d"}}}))

    def test_large_numbers_stay_numbers(self):
        source = dict(SOURCES[0], mass_delete={"documents": 20000000})
        site = yaml.safe_load(named(render({"site": {"sources": [source]}}), "ConfigMap", "site-freshet")["data"]["freshet.yaml"])
        self.assertEqual(int(site["sources"][0]["mass_delete"]["documents"]), 20000000)
        check_site(site)

    def test_wrong_values_are_refused(self):
        wrong = {"a name nobody knows": {"sites": {}}, "an option nobody knows": {"site": {"log": {"retention": "7d"}}},
                 "a duration": {"site": {"log": {"retention_time": "a week"}}}, "a step": {"site": {"pipeline": {"durable_after": ["index"]}}},
                 "a secret written out": {"site": {"keys": {"tenant": "secret"}}}, "a reference": {"site": {"tenant": "${ENV:TENANT}"}},
                 "an affinity of ours": {"query": {"affinity": {"podAffinity": {}}}}, "a port of ours": {"sourcePods": {"a": {"ports": [
                     {"name": "http", "port": 1}]}}}, "a scaler": {"embed": {"autoscaling": {"kind": "vpa"}}},
                 "a pod's option": {"deid": {"resource": {}}}}
        for what, values in wrong.items():
            with self.subTest(what=what):
                self.assertIn("values don't meet the specifications", render(values, status=1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
