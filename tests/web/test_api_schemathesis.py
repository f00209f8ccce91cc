"""The API keeps to its own description, whatever is sent: schemathesis, as reader and as analyst."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from geomonitor.findings import Edition
from geomonitor.register.models import User
from geomonitor.register.services.catalogues import load_catalogues
from geomonitor.web.api.application import api_schema
from geomonitor.web.api.tokens import make_token

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
EXAMPLES = 4


def test_there_are_calls_to_try() -> None:
    assert len(list(schemathesis.openapi.from_dict(api_schema()).get_all_operations())) > 20


@pytest.mark.parametrize("role", ["reader", "analyst"])
def test_the_api_keeps_to_its_description(
    users: dict[str, User], edition: Edition, open_case: Any, role: str
) -> None:
    load_catalogues()
    case = open_case()
    token = make_token(users[role], "test", days=1, writes=True)[1]
    schema = schemathesis.openapi.from_dict(api_schema())
    schema.app = WSGIHandler()
    # refusals are what is looked for
    logging.disable(logging.WARNING)
    # as Django's own client does: the end of a request must not close the connection of the test
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    tried: dict[str, set[int]] = {}
    try:
        for found in schema.get_all_operations():
            operation = found.ok()

            def call(case_: Any) -> None:
                if "reference" in case_.path_parameters:
                    case_.path_parameters["reference"] = case.reference
                if "edition" in case_.path_parameters:
                    case_.path_parameters["edition"] = "latest"
                response = case_.call(headers={"Authorization": f"Bearer {token}"})
                case_.validate_response(response, checks=CHECKS)
                tried.setdefault(f"{case_.method} {case_.path}", set()).add(response.status_code)

            strategy = operation.as_strategy()
            _examples(strategy, call)
    finally:
        logging.disable(logging.NOTSET)
        for signal in signals:
            signal.connect(close_old_connections)
    # it got past the door
    assert 401 not in set.union(*tried.values())
    assert 200 in tried["GET /api/v1/cases/{reference}"]
    made = {path for path, statuses in tried.items() if 201 in statuses}
    assert bool(made) == (role == "analyst")


def _examples(strategy: Any, call: Any) -> None:
    from hypothesis import given

    settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(strategy)(call))()
