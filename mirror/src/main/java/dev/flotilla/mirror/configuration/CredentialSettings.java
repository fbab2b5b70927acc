package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.upstream.Credentials;
import dev.flotilla.mirror.upstream.Secret;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads how to log in at an upstream. The secret itself never stands in the configuration, which is published to a bucket:
 * it is in a file, or in a variable of the environment, of the machine.
 */
final class CredentialSettings {
    private static final long LARGEST_BYTES = 64 * 1024;

    private enum Type {
        BASIC,
        BEARER
    }

    private CredentialSettings() {}

    static Setting<Credentials> read(Settings settings) {
        var type = settings.required("type", CredentialSettings::type);
        var username = settings.optional("username", name -> name);
        var file = settings.optional("secret-file", CredentialSettings::path);
        var environment = settings.optional("secret-environment", name -> name);
        var toFileHosts = settings.flag("send-to-file-hosts", false);
        var plain = settings.flag("over-plain-http", false);
        return settings.build(() -> {
            Secret secret = secret(file.get(), environment.get());
            return switch (type.get()) {
                case BASIC ->
                    Credentials.basic(
                            username.get()
                                    .orElseThrow(() -> new IllegalArgumentException("type basic needs a username")),
                            secret,
                            toFileHosts.get(),
                            plain.get());
                case BEARER -> {
                    if (username.get().isPresent()) {
                        throw new IllegalArgumentException("type bearer has no username");
                    }
                    yield Credentials.bearer(secret, toFileHosts.get(), plain.get());
                }
            };
        });
    }

    private static Type type(String written) {
        return switch (written) {
            case "basic" -> Type.BASIC;
            case "bearer" -> Type.BEARER;
            default -> throw new IllegalArgumentException("neither basic nor bearer");
        };
    }

    private static Path path(String written) {
        Path path = Path.of(written);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("the path has to be absolute: " + written);
        }
        return path;
    }

    private static Secret secret(Optional<Path> file, Optional<String> environment) {
        if (file.isPresent() == environment.isPresent()) {
            throw new IllegalArgumentException("credentials need either secret-file or secret-environment");
        }
        return new Secret((file.isPresent() ? content(file.get()) : variable(environment.orElseThrow())).strip());
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalArgumentException("the environment has no variable " + name);
        }
        return value;
    }

    private static String content(Path file) {
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                throw new IllegalArgumentException(file + " is too large for a secret");
            }
            return Files.readString(file);
        } catch (CharacterCodingException binary) {
            throw new IllegalArgumentException(file + " is no text", binary);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("the secret can't be read: " + unreadable, unreadable);
        }
    }
}
