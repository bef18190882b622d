// Package presets holds policies to begin with, as readable files.
package presets
