package webhook

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// S3 makes an Options.Object that reads with the credentials and the region that
// Amazon's own tools would use on this machine (AWS_REGION, AWS_PROFILE …).
func S3() func(ctx context.Context, bucket, key string) ([]byte, error) {
	return func(ctx context.Context, bucket, key string) ([]byte, error) {
		settings, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return nil, fmt.Errorf("amazon's settings: %w", err)
		}
		object, err := s3.NewFromConfig(settings, func(o *s3.Options) { o.UsePathStyle = settings.BaseEndpoint != nil }).
			GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			return nil, fmt.Errorf("read a mail from S3: %w: give this process AWS_REGION and leave to read the bucket", err)
		}
		defer object.Body.Close()
		raw, err := io.ReadAll(io.LimitReader(object.Body, MaxBody+1))
		if err != nil {
			return nil, fmt.Errorf("read a mail from S3: %w", err)
		}
		if len(raw) > MaxBody {
			return nil, fmt.Errorf("%w: the mail in S3 is too large", ErrMalformed)
		}
		return raw, nil
	}
}
