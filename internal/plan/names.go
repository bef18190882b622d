package plan

import (
	"github.com/sekisho-go/sekisho/internal/goname"
)

// nameViews gives the views of one hand-written type their names. A view is
// called after the zone it is in; where several chains of routes lead there,
// the shortest alone keeps that name and the others spell out their chain.
func (pl *planner) nameViews(root *Record, views []*Record) {
	byShort := map[string][]*Record{}
	for _, v := range views {
		short := root.Name + goname.Suffix(pl.policy, v.Made.Route)
		byShort[short] = append(byShort[short], v)
	}
	for _, v := range views { // in order of the hops, so that names do not depend on map order
		short := root.Name + goname.Suffix(pl.policy, v.Made.Route)
		v.Name = short
		if rivals := byShort[short]; len(rivals) > 1 && !shortest(v, rivals) {
			long := root.Name
			for _, c := range v.Chain() {
				long += goname.Suffix(pl.policy, c.Route)
			}
			v.Name = long
		}
		pl.claim(v)
	}
}

func shortest(v *Record, rivals []*Record) bool {
	for _, r := range rivals {
		if r != v && len(r.Chain()) <= len(v.Chain()) {
			return false
		}
	}
	return true
}

// claim reserves the name of a view in its package.
func (pl *planner) claim(v *Record) {
	if v.Package.Taken(v.Name) {
		pl.report(v.Root(), nil, "the view "+v.Name+" cannot be written: the package declares that name already",
			v.Made.Route.Clause, "rename one of the two; a view is named after its type and the zone it is in")
		return
	}
	v.Package.names[v.Name] = true
}
