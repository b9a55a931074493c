# The words that the tests' scripts are written in. Sourced by the buildpacks beside this file.

# layer NAME [TYPE…]: declare a layer, keeping none of what its file said before.
layer() {
    toml=$CNB_LAYERS_DIR/$1.toml
    shift
    echo '[types]' > "$toml"
    for type in "$@"; do echo "$type = true" >> "$toml"; done
}

# content NAME TEXT: make the layer's directory anew, with one file in it.
content() {
    rm -rf "${CNB_LAYERS_DIR:?}/$1"
    mkdir "$CNB_LAYERS_DIR/$1"
    printf '%s' "$2" > "$CNB_LAYERS_DIR/$1/content"
}

# variable LAYER DIRECTORY FILE VALUE: add an environment file, without a newline.
variable() {
    mkdir -p "$CNB_LAYERS_DIR/$1/$2"
    printf '%s' "$4" > "$CNB_LAYERS_DIR/$1/$2/$3"
}

# process TYPE COMMAND [LINE…]: add a process to launch.toml; COMMAND is a TOML array.
process() {
    printf '[[processes]]\ntype = "%s"\ncommand = %s\n' "$1" "$2" >> "$CNB_LAYERS_DIR/launch.toml"
    shift 2
    for line in "$@"; do echo "$line" >> "$CNB_LAYERS_DIR/launch.toml"; done
}

# program PATH: make an executable below the layers directory from standard input.
program() {
    mkdir -p "$(dirname "$CNB_LAYERS_DIR/$1")"
    cat > "$CNB_LAYERS_DIR/$1"
    chmod +x "$CNB_LAYERS_DIR/$1"
}
