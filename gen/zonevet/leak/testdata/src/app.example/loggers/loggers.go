// Package loggers: well-known modules.
package loggers

import (
	"context"

	"app.example/people"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"google.golang.org/grpc/status"
	"k8s.io/klog/v2"
)

func found(l *zap.Logger, z *zerolog.Logger, s trace.Span, p *people.Person) error {
	l.Info("x", zap.String("name", p.Name))              // want `people\.Person\.Name .* reaches a log`
	l.Sugar().Infof("name %s", p.Name)                   // want `people\.Person\.Name`
	l.Sugar().Infow("x", "name", p.Name)                 // want `people\.Person\.Name`
	z.Info().Str("name", p.Name).Msg("x")                // want `people\.Person\.Name`
	logrus.WithFields(logrus.Fields{"n": p.Name}).Info() // want `people\.Person\.Name`
	logrus.WithField("n", p.Name).Info("x")              // want `people\.Person\.Name`
	logrus.Warnf("%s", p.Name)                           // want `people\.Person\.Name`
	klog.Infof("%s", p.Name)                             // want `people\.Person\.Name`
	klog.InfoS("x", "name", p.Name)                      // want `people\.Person\.Name`
	s.SetAttributes(attribute.String("name", p.Name))    // want `people\.Person\.Name .* reaches telemetry`
	return status.Errorf(3, "no %s", p.Name)             // want `people\.Person\.Name .* reaches an error`
}

func quiet(l *zap.Logger, z *zerolog.Logger, s trace.Span, p *people.Person) error {
	l.Info("x", zap.Any("person", p), zap.Int("n", len(p.Name)))
	l.Sugar().Infof("person %v", p)
	z.Info().Str("city", p.City).Int("n", len(p.Name)).Msg("x")
	logrus.WithFields(logrus.Fields{"person": p, "city": p.City}).Info()
	klog.Infof("%v", p)
	s.SetAttributes(attribute.Int("n", len(p.Name)))
	return status.Errorf(3, "no %v", p)
}

func cloud(ctx context.Context, c *s3.Client, p *people.Person) {
	c.PutObject(ctx, &s3.PutObjectInput{Key: &p.City, Body: &p.Name}) // want `people\.Person\.Name .* reaches a cloud service`
	c.PutObject(ctx, &s3.PutObjectInput{Key: &p.City})
}
