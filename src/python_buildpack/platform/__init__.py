"""What a build gets from the platform: variables, bindings, certificates, requirements of other buildpacks."""
