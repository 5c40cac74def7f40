"""What people write: every kind of document, as models.

`orun schema KIND` prints the JSON Schemas of these classes; `compiler/decode.py` reads YAML through them. Field names and meanings follow
the original orun, so that its documents work unchanged. A field without effect here is accepted and ignored; its docstring says so.
Every string field takes any scalar and keeps its source text; null is the same as absent.
"""

from __future__ import annotations

from orun_core.spec.documents.component import (
    Change,
    Component,
    ComponentFile,
    CompositionRef,
    DependencyRule,
    DependsOn,
    ProfileRule,
    RuleWhen,
    StepOverrides,
    Subscribe,
    Subscription,
)
from orun_core.spec.documents.composition import (
    ComponentSchema,
    ComponentSchemaSpec,
    Composition,
    CompositionSpec,
    JobEntry,
    NameRef,
    ProfileEntry,
)
from orun_core.spec.documents.document import Document, Metadata
from orun_core.spec.documents.environment import (
    Activation,
    Environment,
    Group,
    Promotion,
    PromotionDependency,
    PromotionMatch,
    Selectors,
)
from orun_core.spec.documents.intent import (
    CompilerSettings,
    Compositions,
    Discovery,
    ExecutionSettings,
    Extends,
    Intent,
    IntentPreset,
    IntentPresetSpec,
    Source,
    SourceResolution,
    State,
)
from orun_core.spec.documents.legacy import CompositionPackage, LegacyJob, LegacyRegistry, PackageExport, PackageSpec
from orun_core.spec.documents.policy import Constraint, PolicyCase, PolicyTest, PolicyTrial, WaiverDocument
from orun_core.spec.documents.profile import (
    ExecutionProfile,
    MaterializeDocument,
    Profile,
    ProfileJob,
    SecretBinding,
    StepOverride,
)
from orun_core.spec.documents.stack import PresetEntry, Registry, Stack, StackEntry, StackSpec
from orun_core.spec.documents.step import (
    Approval,
    ConcurrencyDocument,
    JobTemplate,
    JobTemplateFile,
    ServiceDocument,
    Step,
)
from orun_core.spec.documents.trigger import Automation, TriggerBinding, TriggerOn, TriggerPlan

KINDS: dict[str, type[Document]] = {
    "Intent": Intent,
    "Component": ComponentFile,
    "Stack": Stack,
    "CompositionPackage": CompositionPackage,
    "Composition": Composition,
    "ComponentSchema": ComponentSchema,
    "JobTemplate": JobTemplateFile,
    "ExecutionProfile": ExecutionProfile,
    "IntentPreset": IntentPreset,
    "PolicyTest": PolicyTest,
}
"""Document kind → model."""

__all__ = [
    "KINDS",
    "Activation",
    "Approval",
    "Automation",
    "Change",
    "CompilerSettings",
    "Component",
    "ComponentFile",
    "ComponentSchema",
    "ComponentSchemaSpec",
    "Composition",
    "CompositionPackage",
    "CompositionRef",
    "CompositionSpec",
    "Compositions",
    "ConcurrencyDocument",
    "Constraint",
    "DependencyRule",
    "DependsOn",
    "Discovery",
    "Document",
    "Environment",
    "ExecutionProfile",
    "ExecutionSettings",
    "Extends",
    "Group",
    "Intent",
    "IntentPreset",
    "IntentPresetSpec",
    "JobEntry",
    "JobTemplate",
    "JobTemplateFile",
    "LegacyJob",
    "LegacyRegistry",
    "MaterializeDocument",
    "Metadata",
    "NameRef",
    "PackageExport",
    "PackageSpec",
    "PolicyCase",
    "PolicyTest",
    "PolicyTrial",
    "PresetEntry",
    "Profile",
    "ProfileEntry",
    "ProfileJob",
    "ProfileRule",
    "Promotion",
    "PromotionDependency",
    "PromotionMatch",
    "Registry",
    "RuleWhen",
    "SecretBinding",
    "Selectors",
    "ServiceDocument",
    "Source",
    "SourceResolution",
    "Stack",
    "StackEntry",
    "StackSpec",
    "State",
    "Step",
    "StepOverride",
    "StepOverrides",
    "Subscribe",
    "Subscription",
    "TriggerBinding",
    "TriggerOn",
    "TriggerPlan",
    "WaiverDocument",
]
