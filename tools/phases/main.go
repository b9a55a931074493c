// Phases runs detect and build of one buildpack by the packages of a lifecycle that knows execution environments.
//
// The lifecycle's own command needs a module that not every proxy has, for the extension of images only. With the name
// "generator" the program runs detect and what image extensions generate. With the name "slices" it prints the digests
// of the layers that the app becomes. With any other name it is that lifecycle's launcher, and the name is the type of
// the process that it starts.
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
	case "generator":
		run = generate
	case "slices":
		run = slices
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// inputs takes everything from the environment variables of the Platform API, as the command does.
func inputs() (*platform.Platform, *platform.DirStore, *phase.HermeticFactory, error) {
	lifecycle := platform.NewPlatformFor(os.Getenv(platform.EnvPlatformAPI))
	err := platform.ResolveInputs(platform.Detect, lifecycle.LifecycleInputs, cmd.DefaultLogger)
	store := platform.NewDirStore(lifecycle.BuildpacksDir, lifecycle.ExtensionsDir)
	verifier := &cmd.BuildpackAPIVerifier{}
	return lifecycle, store, phase.NewHermeticFactory(lifecycle.PlatformAPI, verifier, files.NewHandler(), store), err
}

func detect(lifecycle *platform.Platform, factory *phase.HermeticFactory) (buildpack.Group, files.Plan, error) {
	detector, err := factory.NewDetector(lifecycle.Inputs(), cmd.DefaultLogger)
	if err != nil {
		return buildpack.Group{}, files.Plan{}, err
	}
	return detector.Detect()
}

func generate() error {
	lifecycle, _, factory, err := inputs()
	if err != nil {
		return err
	}
	group, plan, err := detect(lifecycle, factory)
	if err != nil {
		return err
	}
	if err := files.NewHandler().WriteGroup(lifecycle.GroupPath, &group); err != nil {
		return err
	}
	if err := files.NewHandler().WritePlan(lifecycle.PlanPath, &plan); err != nil {
		return err
	}
	generator, err := factory.NewGenerator(lifecycle.Inputs(), os.Stdout, os.Stdout, cmd.DefaultLogger)
	if err != nil {
		return err
	}
	result, err := generator.Generate()
	if err == nil && result.AnalyzedMD.RunImage != nil {
		fmt.Println("extends the run image:", result.AnalyzedMD.RunImage.Extend)
	}
	return err
}

func build() error {
	lifecycle, store, factory, err := inputs()
	if err != nil {
		return err
	}
	group, plan, err := detect(lifecycle, factory)
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
