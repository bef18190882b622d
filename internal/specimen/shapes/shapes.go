// Package shapes holds labelled records with a field of every shape that a view
// can carry in clear. What parcels write and read is tested on them.
package shapes

import (
	"database/sql"
	"net/netip"
	"net/url"
	"time"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/internal/specimen/zones"
	"github.com/sekisho-go/sekisho/zone"
)

// Code is a named string.
type Code string

// Flags is a named integer.
type Flags uint16

// Line holds others of its kind.
type Line struct {
	Street  string
	Numbers []int
	Next    *Line
}

// Set is a map by another name.
type Set = map[string]Code

// Box is a generic struct.
type Box[T any] struct{ Value T }

// Point is a key of maps.
type Point struct{ X, Y int32 }

// All has a field of every shape.
//
//zone:views lgwan
type All struct {
	zone.Home[zones.MyNumber]

	Number string `classify:"insured-number,id"`

	Text    string                    `classify:"2"`
	Code    Code                      `classify:"2"`
	Flag    bool                      `classify:"2"`
	Int     int                       `classify:"2"`
	Small   int8                      `classify:"2"`
	Big     uint64                    `classify:"2"`
	Flags   Flags                     `classify:"2"`
	Ratio   float32                   `classify:"2"`
	Exact   float64                   `classify:"2"`
	Wave    complex64                 `classify:"2"`
	Waves   complex128                `classify:"2"`
	Raw     []byte                    `classify:"2"`
	When    time.Time                 `classify:"2"`
	Wait    time.Duration             `classify:"2"`
	Addr    netip.Addr                `classify:"2"`
	Link    url.URL                   `classify:"2"`
	Null    sql.NullString            `classify:"2"`
	Closed  jp.InsuredNumber          `classify:"2"`
	Own     Line                      `classify:"2"`
	OwnP    *Line                     `classify:"2"`
	Ptr     *string                   `classify:"2"`
	PtrPtr  **int                     `classify:"2"`
	AddrP   *netip.Addr               `classify:"2"`
	List    []Code                    `classify:"2"`
	Lists   [][]string                `classify:"2"`
	Lines   []Line                    `classify:"2"`
	Fixed   [3]int                    `classify:"2"`
	Bytes   [4]byte                   `classify:"2"`
	Table   map[string]time.Time      `classify:"2"`
	ByInt   map[int16][]string        `classify:"2"`
	ByPoint map[Point]*Line           `classify:"2"`
	ByFloat map[float64]bool          `classify:"2"`
	ByAddr  map[netip.Addr]netip.Addr `classify:"2"`
	Alias   Set                       `classify:"2"`
	Boxed   Box[string]               `classify:"2"`
	Boxes   []Box[int]                `classify:"2"`
	Plain   struct {
		A string
		B [2]bool
	} `classify:"2"`
	Nothing []struct{}          `classify:"2"`
	Marks   map[string]struct{} `classify:"2"`
	hidden  string              `classify:"2"`

	Secret string `classify:"3B,column,index"`
	Tree   *Tree
	Trees  map[Code]Tree `classify:"2"`
}

// Tree holds others of its kind.
//
//zone:views lgwan
type Tree struct {
	zone.Home[zones.MyNumber]

	Name     string `classify:"2"`
	Note     string `classify:"3B"`
	Children []*Tree
}

// SetHidden sets the field that only this package reaches.
func (v *All) SetHidden(s string) { v.hidden = s }
