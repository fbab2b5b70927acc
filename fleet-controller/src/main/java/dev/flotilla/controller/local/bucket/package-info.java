/**
 * The local fleet's bucket: an S3 server on loopback that keeps its objects as files.
 *
 * <p>{@link dev.flotilla.controller.local.bucket.LocalBucket} is the way in.
 */
@NullMarked
package dev.flotilla.controller.local.bucket;

import org.jspecify.annotations.NullMarked;
