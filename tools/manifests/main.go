// Command manifests checks Kubernetes manifests of kpack, Tekton and Kubernetes by those projects' own types: unknown fields are
// errors, defaults are set as the webhook would, and the webhook's own validation decides.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	kpack "github.com/pivotal/kpack/pkg/apis/build/v1alpha2"
	tekton "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"knative.dev/pkg/apis"
	"sigs.k8s.io/yaml"
)

func main() {
	failed := false
	for _, path := range os.Args[1:] {
		if err := checkFile(path); err != nil {
			fmt.Printf("%s: %v\n", path, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func checkFile(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for count := 0; ; count++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			if count == 0 {
				return errors.New("holds no document")
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := checkDocument(document); err != nil {
			return fmt.Errorf("document %d: %w", count+1, err)
		}
	}
}

func checkDocument(document []byte) error {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return err
	}
	object, known := newObject(kind)
	if !known {
		return fmt.Errorf("%s %s is none of the kinds that are checked", kind.APIVersion, kind.Kind)
	}
	if err := yaml.UnmarshalStrict(document, object); err != nil {
		return err
	}
	ctx := apis.WithinCreate(context.Background())
	if defaulted, ok := object.(apis.Defaultable); ok {
		defaulted.SetDefaults(ctx)
	}
	if validated, ok := object.(apis.Validatable); ok {
		if err := validated.Validate(ctx); err != nil {
			return err
		}
	}
	return nil
}

func newObject(kind metav1.TypeMeta) (any, bool) {
	switch kind.APIVersion + " " + kind.Kind {
	case "kpack.io/v1alpha2 ClusterStore":
		return &kpack.ClusterStore{}, true
	case "kpack.io/v1alpha2 ClusterBuildpack":
		return &kpack.ClusterBuildpack{}, true
	case "kpack.io/v1alpha2 ClusterStack":
		return &kpack.ClusterStack{}, true
	case "kpack.io/v1alpha2 ClusterBuilder":
		return &kpack.ClusterBuilder{}, true
	case "kpack.io/v1alpha2 Image":
		return &kpack.Image{}, true
	case "tekton.dev/v1 Task":
		return &tekton.Task{}, true
	case "tekton.dev/v1 Pipeline":
		return &tekton.Pipeline{}, true
	case "tekton.dev/v1 PipelineRun":
		return &tekton.PipelineRun{}, true
	case "tekton.dev/v1 TaskRun":
		return &tekton.TaskRun{}, true
	case "batch/v1 Job":
		return &batchv1.Job{}, true
	case "v1 Secret":
		return &corev1.Secret{}, true
	case "v1 ServiceAccount":
		return &corev1.ServiceAccount{}, true
	}
	return nil, false
}
