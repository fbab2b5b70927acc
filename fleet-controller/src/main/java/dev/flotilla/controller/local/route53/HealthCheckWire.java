package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.HealthCheckSettings.Kind;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The XML form of health checks (API Reference, HealthCheckConfig and UpdateHealthCheck). */
final class HealthCheckWire {
    private static final int DEFAULT_INTERVAL_SECONDS = 30;
    private static final int DEFAULT_THRESHOLD = 3;

    private HealthCheckWire() {}

    static HealthCheckSettings read(XmlElement config) throws ApiRefusal {
        Kind kind = readKind(config.required("Type"));
        Optional<String> port = config.value("Port");
        if (port.isEmpty() && kind == Kind.TCP) {
            throw ApiRefusal.invalidInput("Invalid request: Port must be given for TCP");
        }
        try {
            return new HealthCheckSettings(
                    kind,
                    readAddress(config.value("IPAddress")),
                    port.isEmpty() ? kind.usualPort() : Numbers.integer("Port", port.get()),
                    config.value("ResourcePath").orElse(""),
                    config.value("FullyQualifiedDomainName").filter(name -> !name.isEmpty()),
                    config.value("SearchString"),
                    integer(config, "RequestInterval", DEFAULT_INTERVAL_SECONDS),
                    integer(config, "FailureThreshold", DEFAULT_THRESHOLD),
                    truth(config, "MeasureLatency", false),
                    truth(config, "EnableSNI", kind.isSecured()),
                    truth(config, "Inverted", false),
                    truth(config, "Disabled", false),
                    readRegions(config));
        } catch (IllegalArgumentException wrong) {
            throw ApiRefusal.invalidInput("Invalid request: " + wrong.getMessage());
        }
    }

    /** The current settings with what an update names; type, interval and latency measuring can't be changed. */
    static HealthCheckSettings readUpdate(XmlElement update, HealthCheckSettings current) throws ApiRefusal {
        List<String> resets = update.items("ResetElements", "ResettableElementName").stream()
                .map(XmlElement::text)
                .toList();
        String path = resets.contains("ResourcePath") ? "" : current.resourcePath();
        Optional<String> hostName = resets.contains("FullyQualifiedDomainName") ? Optional.empty() : current.hostName();
        List<String> regions = resets.contains("Regions") ? List.of() : current.regions();
        Optional<String> address = update.value("IPAddress");
        Optional<String> givenName = update.value("FullyQualifiedDomainName").filter(name -> !name.isEmpty());
        Optional<String> givenSearch = update.value("SearchString");
        try {
            return new HealthCheckSettings(
                    current.kind(),
                    address.isPresent() ? readAddress(address) : current.address(),
                    integer(update, "Port", current.port()),
                    update.value("ResourcePath").orElse(path),
                    givenName.isPresent() ? givenName : hostName,
                    givenSearch.isPresent() ? givenSearch : current.searchString(),
                    current.requestIntervalSeconds(),
                    integer(update, "FailureThreshold", current.failureThreshold()),
                    current.measureLatency(),
                    truth(update, "EnableSNI", current.enableSni()),
                    truth(update, "Inverted", current.inverted()),
                    truth(update, "Disabled", current.disabled()),
                    update.child("Regions").isPresent() ? readRegions(update) : regions);
        } catch (IllegalArgumentException wrong) {
            throw ApiRefusal.invalidInput("Invalid request: " + wrong.getMessage());
        }
    }

    static void write(XmlDocument document, HealthCheck check) {
        document.element("HealthCheck", inside -> {
            inside.value("Id", check.id());
            inside.value("CallerReference", check.callerReference());
            inside.element("HealthCheckConfig", config -> writeSettings(config, check.settings()));
            inside.value("HealthCheckVersion", check.version());
        });
    }

    private static void writeSettings(XmlDocument config, HealthCheckSettings settings) {
        config.value("IPAddress", settings.address().getHostAddress());
        config.value("Port", settings.port());
        config.value("Type", settings.kind());
        if (!settings.resourcePath().isEmpty()) {
            config.value("ResourcePath", settings.resourcePath());
        }
        settings.hostName().ifPresent(name -> config.value("FullyQualifiedDomainName", name));
        settings.searchString().ifPresent(text -> config.value("SearchString", text));
        config.value("RequestInterval", settings.requestIntervalSeconds());
        config.value("FailureThreshold", settings.failureThreshold());
        config.value("MeasureLatency", settings.measureLatency());
        if (settings.kind().isSecured()) {
            config.value("EnableSNI", settings.enableSni());
        }
        config.value("Inverted", settings.inverted());
        config.value("Disabled", settings.disabled());
        if (!settings.regions().isEmpty()) {
            config.element("Regions", list -> settings.regions().forEach(region -> list.value("Region", region)));
        }
    }

    private static Kind readKind(String type) throws ApiRefusal {
        for (Kind kind : Kind.values()) {
            if (kind.name().equals(type)) {
                return kind;
            }
        }
        throw ApiRefusal.invalidInput("The stand-in does not know health checks of the type '" + type
                + "' yet: it probes " + List.of(Kind.values()));
    }

    private static InetAddress readAddress(Optional<String> literal) throws ApiRefusal {
        if (literal.isEmpty()) {
            throw ApiRefusal.invalidInput("The stand-in does not know health checks without an IPAddress yet");
        }
        try {
            return InetAddress.ofLiteral(literal.get());
        } catch (IllegalArgumentException wrong) {
            throw ApiRefusal.invalidInput("Invalid request: '" + literal.get() + "' is no IP address");
        }
    }

    private static List<String> readRegions(XmlElement parent) {
        return parent.items("Regions", "Region").stream().map(XmlElement::text).toList();
    }

    private static int integer(XmlElement parent, String field, int otherwise) throws ApiRefusal {
        Optional<String> text = parent.value(field);
        return text.isEmpty() ? otherwise : Numbers.integer(field, text.get());
    }

    private static boolean truth(XmlElement parent, String field, boolean otherwise) throws ApiRefusal {
        Optional<String> text = parent.value(field);
        return text.isEmpty() ? otherwise : Numbers.truth(field, text.get());
    }
}
