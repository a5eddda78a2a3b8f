"""The Kubernetes manifest: what the API's schema says of it, and how much its containers may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from nianbao.cli import main
from tests.deploy.conftest import DEPLOY

MANIFEST = DEPLOY / "kubernetes" / "nianbao-cluster.yaml"


@pytest.fixture(scope="module")
def resources() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(MANIFEST.read_text("utf-8")))


def _pods(resources: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for resource in resources:
        spec = resource.get("spec", {})
        template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
        if template:
            yield template


def test_the_schema_finds_nothing(resources: list[dict[str, Any]]) -> None:
    for resource in resources:
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)


def test_the_schema_does_complain_of_what_is_wrong(resources: list[dict[str, Any]]) -> None:
    wrong = {**resources[1], "spec": {**resources[1]["spec"], "porst": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


def test_containers_may_no_more_than_they_need(resources: list[dict[str, Any]]) -> None:
    pods = list(_pods(resources))
    assert len(pods) == 3
    for pod in pods:
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        (container,) = spec["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        writable = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
        assert writable <= {"/tmp", "/data"}
        assert {mount["name"] for mount in container["volumeMounts"]} == {one["name"] for one in spec["volumes"]}


def test_only_its_own_pods_reach_the_cluster(resources: list[dict[str, Any]]) -> None:
    (policy,) = [one for one in resources if one["kind"] == "NetworkPolicy"]
    own = policy["spec"]["podSelector"]["matchLabels"]
    assert all(own.items() <= pod["metadata"]["labels"].items() for pod in _pods(resources))
    assert policy["spec"]["ingress"] == [{"from": [{"podSelector": {"matchLabels": own}}]}]
    (service,) = [one for one in resources if one["kind"] == "Service"]
    assert service["spec"]["type"] == "ClusterIP"


def test_the_crawl_is_given_options_that_there_are(resources: list[dict[str, Any]]) -> None:
    (cron,) = [one for one in resources if one["kind"] == "CronJob"]
    (container,) = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    told = CliRunner().invoke(main, ["crawl", "--help"]).output
    assert container["command"] == ["nianbao", "crawl"]
    assert {word for word in container["args"] if word.startswith("--")} <= set(told.split())
