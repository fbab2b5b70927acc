package dev.flotilla.agent.bucket;

import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;

/**
 * The header fields that allow one GET (AWS Signature Version 4 for S3, "Authenticating Requests: Using the Authorization Header"). S3 takes
 * them for a quarter of an hour around their time. Range and conditions aren't signed: whoever has the fields may add them.
 */
final class RequestSignature {
    private static final AwsV4HttpSigner SIGNER = AwsV4HttpSigner.create();

    private RequestSignature() {}

    static Map<String, String> of(URI location, AwsCredentials credentials, String awsRegion, Instant time) {
        var request =
                SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(location).build();
        SignedRequest signed = SIGNER.sign(wish -> wish.identity(credentials)
                .request(request)
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                .putProperty(AwsV4HttpSigner.REGION_NAME, awsRegion)
                // S3 alone has it so: keys are names and not paths.
                .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(time, ZoneOffset.UTC)));
        var fields = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        signed.request().forEachHeader((name, values) -> fields.put(name, String.join(",", values)));
        fields.remove("Host");
        return fields;
    }
}
