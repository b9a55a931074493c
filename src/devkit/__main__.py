"""Entry."""

print("devkit")
