"""What the platform gives a build: variables, bindings, certificates, requirements of other buildpacks."""
