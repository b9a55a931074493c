// Phases runs detect and build of one buildpack by the packages of a lifecycle that knows execution environments.
//
// The lifecycle's own command needs a module that not every proxy has, for image extensions only. With the name "slices"
// the program prints the digests of the layers that the app becomes. With any other name than these two it is that
// lifecycle's launcher, and the name is the type of the process that it starts.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"
	"github.com/buildpacks/lifecycle/buildpack"
	"github.com/buildpacks/lifecycle/cmd"
	"github.com/buildpacks/lifecycle/cmd/launcher/cli"
	"github.com/buildpacks/lifecycle/launch"
	"github.com/buildpacks/lifecycle/layers"
	"github.com/buildpacks/lifecycle/phase"
	"github.com/buildpacks/lifecycle/platform"
	"github.com/buildpacks/lifecycle/platform/files"
)

func main() {
	run := cli.RunLaunch
	switch filepath.Base(os.Args[0]) {
	case "phases":
		run = build
	case "slices":
		run = slices
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// build takes everything from the environment variables of the Platform API, as the command does.
func build() error {
	lifecycle := platform.NewPlatformFor(os.Getenv(platform.EnvPlatformAPI))
	if err := platform.ResolveInputs(platform.Detect, lifecycle.LifecycleInputs, cmd.DefaultLogger); err != nil {
		return err
	}
	store := platform.NewDirStore(lifecycle.BuildpacksDir, "")
	factory := phase.NewHermeticFactory(lifecycle.PlatformAPI, &cmd.BuildpackAPIVerifier{}, files.NewHandler(), store)
	detector, err := factory.NewDetector(lifecycle.Inputs(), cmd.DefaultLogger)
	if err != nil {
		return err
	}
	group, plan, err := detector.Detect()
	if err != nil {
		return err
	}
	builder := &phase.Builder{
		AppDir:        lifecycle.AppDir,
		LayersDir:     lifecycle.LayersDir,
		PlatformDir:   lifecycle.PlatformDir,
		ExecEnv:       lifecycle.ExecEnv,
		BuildExecutor: &buildpack.DefaultBuildExecutor{},
		DirStore:      store,
		Group:         group,
		Logger:        cmd.DefaultLogger,
		Out:           os.Stdout,
		Err:           os.Stdout,
		Plan:          plan,
		PlatformAPI:   lifecycle.PlatformAPI,
	}
	metadata, err := builder.Build()
	if err != nil {
		return err
	}
	return files.NewHandler().WriteBuildMetadata(launch.GetMetadataFilePath(lifecycle.LayersDir), metadata)
}

// slices makes layers of the app as the exporter does, by the slices that the build left, and prints a digest a line.
func slices() error {
	var metadata files.BuildMetadata
	layersDir := os.Getenv(platform.EnvLayersDir)
	if _, err := toml.DecodeFile(launch.GetMetadataFilePath(layersDir), &metadata); err != nil {
		return err
	}
	artifacts, err := os.MkdirTemp("", "slices")
	if err != nil {
		return err
	}
	defer os.RemoveAll(artifacts)
	factory := &layers.Factory{ArtifactsDir: artifacts, UID: 1000, GID: 1000, Logger: cmd.DefaultLogger}
	made, err := factory.SliceLayers(os.Getenv(platform.EnvAppDir), metadata.Slices)
	for _, layer := range made {
		fmt.Println(layer.Digest)
	}
	return err
}
