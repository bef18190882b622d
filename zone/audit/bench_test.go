package audit_test

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/sekisho-go/sekisho/zone/audit"
)

// Entries per second that are durable. The limit is the disk: "sync" writes as
// many bytes as an entry takes and syncs, and does nothing else.
func BenchmarkEntries(b *testing.B) {
	b.Run("sync", func(b *testing.B) {
		f, err := os.CreateTemp(b.TempDir(), "")
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		data := make([]byte, 700)
		for b.Loop() {
			if _, err := f.Write(data); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	for _, c := range []struct {
		name           string
		batch, writers int
	}{
		{"alone/one-writer", 1, 1}, {"alone/256-writers", 1, 256},
		{"grouped/one-writer", 0, 1}, {"grouped/256-writers", 0, 256},
	} {
		b.Run(c.name, func(b *testing.B) {
			opt := options(b)
			opt.SegmentEntries, opt.Batch = 0, c.batch
			l := open(b, b.TempDir(), opt)
			writeEntries(b, l, c.writers)
		})
	}
	b.Run("no-sync/256-writers", func(b *testing.B) {
		opt := options(b)
		opt.SegmentEntries = 0
		var last write
		writeEntries(b, open(b, b.TempDir(), lazily(opt, &last)), 256)
	})
}

func writeEntries(b *testing.B, l *audit.Log, writers int) {
	var ids atomic.Int64
	b.SetParallelism((writers + 1) / 2) // times GOMAXPROCS
	if writers == 1 {
		for b.Loop() {
			if err := l.Begin(context.Background(), begin(strconv.FormatInt(ids.Add(1), 10))); err != nil {
				b.Fatal(err)
			}
		}
	} else {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := l.Begin(context.Background(), begin(strconv.FormatInt(ids.Add(1), 10))); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// Opening a log reads its last segment, however many there are.
func BenchmarkOpen(b *testing.B) {
	dir, opt := b.TempDir(), options(b)
	opt.SegmentEntries = 1024
	var last write
	opt = lazily(opt, &last)
	l := open(b, dir, opt)
	writers := make(chan error)
	const entries = 16*1024 + 1000
	for range entries {
		go func() { writers <- l.Refuse(context.Background(), refusal("R")) }()
	}
	for range entries {
		if err := <-writers; err != nil {
			b.Fatal(err)
		}
	}
	closeLog(b, l)
	for b.Loop() {
		l, err := audit.Open(dir, opt)
		if err != nil {
			b.Fatal(err)
		}
		l.Close()
	}
}
