"""Hook specs, six-stage compiler, plan, runtime, state and CLI of orun."""
