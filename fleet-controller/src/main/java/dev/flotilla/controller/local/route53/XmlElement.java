package dev.flotilla.controller.local.route53;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An element of a request body, read whole. Document types, entities and processing instructions are refused; depth and
 * number of elements are bounded, the length is bounded by who reads the body.
 *
 * @param name without its namespace, which is Route 53's for every element
 * @param text of an element without children; otherwise empty
 */
record XmlElement(String name, String text, List<XmlElement> children) {
    static final String NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/";

    private static final int DEPTH_LIMIT = 16;
    private static final int ELEMENTS_LIMIT = 50_000;

    XmlElement {
        children = List.copyOf(children);
    }

    /**
     * Reads a document.
     *
     * @throws ApiRefusal if it is not well-formed, of another namespace or over the bounds
     */
    static XmlElement read(byte[] body) throws ApiRefusal {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(body));
            return new Reading(reader).document();
        } catch (XMLStreamException malformed) {
            throw new ApiRefusal(ApiRefusal.Code.MALFORMED_INPUT, "The body is not well-formed XML.");
        }
    }

    Optional<XmlElement> child(String wanted) {
        return children.stream().filter(child -> child.name.equals(wanted)).findFirst();
    }

    Optional<String> value(String wanted) {
        return child(wanted).map(XmlElement::text);
    }

    String required(String wanted) throws ApiRefusal {
        return value(wanted)
                .orElseThrow(
                        () -> ApiRefusal.invalidInput("Invalid request: Missing field '" + wanted + "' in " + name));
    }

    /** The elements of a list that is written as {@code <list><item/><item/></list>}; none where it is left out. */
    List<XmlElement> items(String list, String item) {
        return child(list).stream()
                .flatMap(element -> element.children.stream())
                .filter(element -> element.name.equals(item))
                .toList();
    }

    private static final class Reading {
        private final XMLStreamReader reader;
        private int elements;

        Reading(XMLStreamReader reader) {
            this.reader = reader;
        }

        XmlElement document() throws XMLStreamException, ApiRefusal {
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        XmlElement root = element(1);
                        while (reader.hasNext()) {
                            reader.next();
                        }
                        return root;
                    }
                    case XMLStreamConstants.DTD,
                            XMLStreamConstants.ENTITY_REFERENCE,
                            XMLStreamConstants.PROCESSING_INSTRUCTION -> throw forbidden();
                    default -> {
                        // Comments and white space carry nothing.
                    }
                }
            }
            throw new XMLStreamException("no element");
        }

        private XmlElement element(int depth) throws XMLStreamException, ApiRefusal {
            elements++;
            if (depth > DEPTH_LIMIT || elements > ELEMENTS_LIMIT) {
                throw new ApiRefusal(ApiRefusal.Code.MALFORMED_INPUT, "The body has too many elements.");
            }
            if (!NAMESPACE.equals(reader.getNamespaceURI())) {
                throw new ApiRefusal(
                        ApiRefusal.Code.MALFORMED_INPUT,
                        "The element " + reader.getLocalName() + " is not of the namespace " + NAMESPACE);
            }
            String name = reader.getLocalName();
            StringBuilder text = new StringBuilder();
            List<XmlElement> children = new ArrayList<>();
            while (true) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> children.add(element(depth + 1));
                    case XMLStreamConstants.END_ELEMENT -> {
                        return new XmlElement(name, children.isEmpty() ? text.toString() : "", children);
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE ->
                        text.append(reader.getText());
                    case XMLStreamConstants.DTD,
                            XMLStreamConstants.ENTITY_REFERENCE,
                            XMLStreamConstants.PROCESSING_INSTRUCTION -> throw forbidden();
                    default -> {
                        // Comments carry nothing.
                    }
                }
            }
        }

        private static ApiRefusal forbidden() {
            return new ApiRefusal(
                    ApiRefusal.Code.MALFORMED_INPUT,
                    "Document types, entities and processing instructions are not allowed in a body.");
        }
    }
}
