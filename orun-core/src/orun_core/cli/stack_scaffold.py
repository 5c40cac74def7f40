"""The files of a new stack: a composition with two profiles, and an intent that tests it."""

from __future__ import annotations

from typing import Final

FILES: Final = {
    "stack.yaml": """\
apiVersion: orun.io/v1
kind: Stack
metadata:
  name: NAME
  version: 0.1.0
  description: Compositions of NAME.
spec:
  compositions:
    - path: compositions/service/composition.yaml
""",
    "compositions/service/composition.yaml": """\
apiVersion: orun.io/v1
kind: Composition
metadata:
  name: service
spec:
  type: service
  description: A service that is built everywhere and deployed where the profile says so.
  defaultJob: deploy
  defaultProfile: verify
  parameterSchema:
    type: object
    properties:
      parameters:
        type: object
        properties:
          greeting:
            type: string
  jobs:
    - name: deploy
      runsOn: ubuntu-22.04
      timeout: 10m
      steps:
        - id: build
          name: build
          run: echo building {{ .orun.component.name }}
        - id: deploy
          name: deploy
          run: echo {{ .parameters.greeting }} from {{ .orun.component.name }}
  executionProfiles:
    verify:
      description: Build only.
      jobs:
        deploy:
          stepsEnabled: [build]
    release:
      description: Build and deploy.
      jobs:
        deploy:
          stepsEnabled: [build, deploy]
""",
    "tests/service/intent.yaml": """\
apiVersion: orun.io/v1
kind: Intent
metadata:
  name: service-test
compositions:
  sources:
    - name: stack
      kind: dir
      path: ../..
environments:
  development: {}
  production:
    parameterDefaults:
      "*":
        greeting: good day
components:
  - name: api
    type: service
    parameters:
      greeting: hello
    subscribe:
      environments:
        - name: development
          profile: verify
        - name: production
          profile: release
""",
}
"""Path → text; `NAME` stands for the stack's name. Each environment of a test is a row of its matrix."""
