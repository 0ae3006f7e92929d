package failure

import "slices"

// table puts the rows of all files together, in the order of causes.
func table() []Failure {
	return slices.Concat(standing(), tunnels(), azureRoutes(), awsRoutes(), machines())
}
