// Package bounded is of a policy that gives the analyzer hardly any time.
package bounded

import "log"

const PolicyDigest = "sha256:2"

const PolicyJSON = `{"sekisho":1,"name":"bounded","go":{},"classes":["1","2"],"zones":[{"name":"ward","go":"Ward","holds":"2"}],"vet":{"budgets":{"function":3}}}`

func long(names []string) string { // want `the function long takes more than 3 steps to follow, which is its budget by the policy`
	all := ""
	for _, n := range names {
		all += n
		log.Print(n)
	}
	return all
}
