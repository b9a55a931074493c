// Phases runs detect and build of one buildpack by the packages of a lifecycle that knows execution environments.
//
// The lifecycle's own command needs a module that not every proxy has, for image extensions only. Under another name
// than "phases" the program is that lifecycle's launcher, and the name is the type of the process that it starts.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/buildpacks/lifecycle/buildpack"
	"github.com/buildpacks/lifecycle/cmd"
	"github.com/buildpacks/lifecycle/cmd/launcher/cli"
	"github.com/buildpacks/lifecycle/launch"
	"github.com/buildpacks/lifecycle/phase"
	"github.com/buildpacks/lifecycle/platform"
	"github.com/buildpacks/lifecycle/platform/files"
)

func main() {
	run := build
	if filepath.Base(os.Args[0]) != "phases" {
		run = cli.RunLaunch
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
